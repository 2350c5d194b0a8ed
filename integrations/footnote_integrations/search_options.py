"""The options of a search, and a passage's facts, as all retrievers here have them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from footnote_client import Passage


class SearchOptions(TypedDict):
    """The arguments of ``Footnote.search`` beside the query."""

    top_k: int
    filters: Mapping[str, Any] | None
    documents: Sequence[str] | None
    collections: Sequence[str] | None


def facts_of(passage: Passage) -> dict[str, Any]:
    """Return where a passage stands and who published it; offsets are code points."""
    return {
        "document_id": passage.document_id,
        "title": passage.title,
        "filename": passage.filename,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "publisher": passage.publisher,
        "published_at": passage.published_at,
        "authoritative": passage.authoritative,
    }
