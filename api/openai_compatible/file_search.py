"""The file search of a response: our own search, under the asker's rights."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from api.openai_compatible.response_schemas import FileSearchTool
from api.openai_compatible.search_filters import own_filter
from api.questions.dependencies import QuestionDependencies
from api.questions.service import search
from index.collections import Narrowing
from index.documents import get_document, get_text
from index.errors import NotFoundError
from index.library import Library
from index.types import Actor, Scope
from retrieve.types import Passage

MOST_RESULTS = 20
"""Results that are shown where the request does not say."""


class SearchResult(BaseModel):
    """A passage that a search found."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    file_id: str
    filename: str
    score: float
    text: str
    """Equals the document's text at ``start:end``."""
    attributes: dict[str, str | float | bool]
    document_version: int
    chunk_id: str
    start: int
    end: int
    page: int | None


def narrowing(tool: FileSearchTool | None) -> Narrowing:
    """Return the filters and the vector stores, which are collections, that a search stays in."""
    if tool is None:
        return Narrowing()
    filters = own_filter(tool.filters) if tool.filters else None
    return Narrowing(filters, None, tool.vector_store_ids or None)


def find_places(
    questions: QuestionDependencies, actor: Actor, question: str, tool: FileSearchTool
) -> list[dict[str, Any]]:
    """Search, and return the places of what was found, without a word of it.

    Raises:
        NotFoundError: a vector store is not there for the actor.
        InvalidFilterError: the filters do not parse.

    """
    results = search(
        questions, actor, question, top_k=tool.max_num_results or MOST_RESULTS,
        narrowing=narrowing(tool),
    )  # fmt: skip
    ranking = tool.ranking_options
    least = (ranking.score_threshold if ranking else None) or 0.0
    return [place_of(passage) for passage in results.passages if passage.score >= least]


def results_at(
    library: Library, scope: Scope, places: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the results at these places, as far as the scope may read them as they were."""
    return [result for place in places if (result := _result_at(library, scope, place))]


def place_of(passage: Passage) -> dict[str, Any]:
    """Return where a passage stands, without a word of it."""
    chunk = passage.chunk
    return {
        "document_id": chunk.document_id,
        "document_version": chunk.version,
        "chunk_id": chunk.chunk_id,
        "score": passage.score,
        "start": passage.start,
        "end": passage.end,
        "page": passage.page,
    }


def _result_at(library: Library, scope: Scope, place: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        document = get_document(library, scope, place["document_id"])
        text = get_text(library, scope, place["document_id"])
    except NotFoundError:
        return None
    if document.version != place["document_version"]:
        return None
    attributes = document.attributes.items()
    result = SearchResult(
        file_id=document.document_id,
        filename=document.filename,
        text=text[place["start"] : place["end"]],
        attributes={n: v for n, v in attributes if isinstance(v, str | int | float | bool)},
        **{name: value for name, value in place.items() if name != "document_id"},
    )
    return result.model_dump()
