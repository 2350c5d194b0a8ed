"""The bodies of searches and asks."""

from collections.abc import Iterable, Mapping
from typing import Any

from footnote_client.requests import listed, without_none


def ask_body(
    question: str,
    *,
    conversation_id: str | None,
    filters: Mapping[str, Any] | None,
    documents: Iterable[str] | None,
    collections: Iterable[str] | None,
    form: str,
) -> dict[str, Any]:
    """Return the body of an ask."""
    return without_none(
        {
            "question": question,
            "conversation_id": conversation_id,
            "format": None if form == "json" else form,
            **narrowing(filters, documents, collections),
        }
    )


def search_body(
    query: str,
    *,
    top_k: int,
    filters: Mapping[str, Any] | None,
    documents: Iterable[str] | None,
    collections: Iterable[str] | None,
) -> dict[str, Any]:
    """Return the body of a search."""
    return {"query": query, "top_k": top_k, **narrowing(filters, documents, collections)}


def narrowing(
    filters: Mapping[str, Any] | None,
    documents: Iterable[str] | None,
    collections: Iterable[str] | None,
) -> dict[str, Any]:
    """Return the fields that say what is searched."""
    return without_none(
        {
            "filters": None if filters is None else dict(filters),
            "documents": listed(documents),
            "collections": listed(collections),
        }
    )
