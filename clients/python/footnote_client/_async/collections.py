"""Collections: named sets of documents, with an access list of their own."""

from collections.abc import Iterable
from typing import Any

from footnote_client._async.pages import iterate
from footnote_client._async.sender import AsyncSender
from footnote_client.models import (
    CollectedDocument,
    CollectedPage,
    CollectionPage,
    CollectionView,
)
from footnote_client.requests import change, get, listed, without_none
from footnote_client.streams import AsyncStream


class AsyncCollections:
    """The collections that you see."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def create(
        self,
        name: str,
        *,
        allow: Iterable[str] | None = None,
        deny: Iterable[str] | None = None,
        parent_id: str | None = None,
        labels: Iterable[str] | None = None,
        **settings: Any,
    ) -> CollectionView:
        """Make a collection; ``settings`` are further fields of ``CollectionRequest``."""
        body = without_none(
            {
                "name": name,
                "allow": listed(allow),
                "deny": listed(deny),
                "parent_id": parent_id,
                "labels": listed(labels),
                **settings,
            }
        )
        response = await self._sender.send(change("POST", "/v1/collections", body))
        return CollectionView.model_validate(response.json())

    def list(
        self, *, label: str | None = None, parent: str | None = None, page_size: int = 100
    ) -> AsyncStream[CollectionView]:
        """Yield every collection that you see, newest first."""
        path = "/v1/collections"
        return iterate(self._sender, path, CollectionPage, page_size, label=label, parent=parent)

    async def get(self, collection_id: str) -> CollectionView:
        """Return one collection; its counts are of what you may read."""
        response = await self._sender.send(get(f"/v1/collections/{collection_id}"))
        return CollectionView.model_validate(response.json())

    async def update(
        self, collection_id: str, *, if_match: str | None = None, **changes: Any
    ) -> CollectionView | None:
        """Change a collection; ``changes`` are fields of ``CollectionPatch``.

        Returns the collection, or none where it is no longer yours to see.
        """
        path = f"/v1/collections/{collection_id}"
        response = await self._sender.send(change("PATCH", path, changes, if_match=if_match))
        return CollectionView.model_validate(response.json()) if response.content else None

    async def delete(self, collection_id: str, *, if_match: str | None = None) -> None:
        """Delete a collection; its documents stay."""
        path = f"/v1/collections/{collection_id}"
        await self._sender.send(change("DELETE", path, if_match=if_match))

    def documents(
        self, collection_id: str, *, page_size: int = 100
    ) -> AsyncStream[CollectedDocument]:
        """Yield the documents in a collection that you may read, newest first."""
        path = f"/v1/collections/{collection_id}/documents"
        return iterate(self._sender, path, CollectedPage, page_size)

    async def add(
        self, collection_id: str, documents: str | Iterable[str], *, inherit: bool = False
    ) -> None:
        """Put documents into a collection, all of them or none."""
        body = {"documents": listed(documents), "inherit": inherit}
        await self._sender.send(change("POST", f"/v1/collections/{collection_id}/documents", body))

    async def remove(self, collection_id: str, document_id: str) -> None:
        """Take a document out of a collection."""
        path = f"/v1/collections/{collection_id}/documents/{document_id}"
        await self._sender.send(change("DELETE", path))
