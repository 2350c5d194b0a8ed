"""Passages as they leave the service, over HTTP and on the command line alike."""

from typing import Any

from retrieve.types import Passage, Retrieved


def search_json(results: Retrieved) -> dict[str, Any]:
    """Return ``{passages, snapshot}``, best passage first."""
    return {
        "passages": [passage_json(passage) for passage in results.passages],
        "snapshot": results.snapshot,
    }


def passage_json(passage: Passage) -> dict[str, Any]:
    """Return a passage; offsets are Unicode code points in the document's text."""
    chunk = passage.chunk
    return {
        "document_id": chunk.document_id,
        "title": chunk.title,
        "filename": chunk.filename,
        "chunk_id": chunk.chunk_id,
        "text": passage.text,
        "score": passage.score,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "publisher": chunk.publisher,
        "published_at": chunk.published_at.isoformat() if chunk.published_at else None,
        "authoritative": chunk.is_authoritative,
    }
