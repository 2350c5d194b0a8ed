"""The ports through which an assistant asks and reads: always as one person."""

from typing import Any, Protocol


class Asking(Protocol):
    """Searches and asks, in the documents that one person may read."""

    async def search(self, query: str) -> dict[str, Any]:
        """Return what ``POST /v1/search`` answers."""
        ...

    async def ask(self, question: str) -> dict[str, Any]:
        """Return what ``POST /v1/ask`` answers."""
        ...


class DocumentAccess(Protocol):
    """Lists and reads the documents that one person may read."""

    def url(self, document_id: str) -> str:
        """Return where a document's text is, for people."""
        ...

    async def read_document(self, document_id: str) -> tuple[dict[str, Any], str]:
        """Return what ``GET /v1/documents/{document_id}`` answers, and the document's text.

        Raises:
            NotFoundError: it is not there, or not for this person.

        """
        ...

    async def list_documents(self, after: str | None) -> dict[str, Any]:
        """Return what ``GET /v1/documents`` answers."""
        ...


class Knowledge(Asking, DocumentAccess, Protocol):
    """All that an assistant may do for one person."""


DOCUMENT_URI = "footnote://documents/"
"""An id follows; the address of a document among a server's resources."""
