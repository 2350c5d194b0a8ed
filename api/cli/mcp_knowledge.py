"""The knowledge behind ``footnote mcp``: a running service, or a data folder."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anyio.to_thread import run_sync

from api.cli.ask import SearchedPart, answer_in, search_in
from api.cli.local_store import local_actor
from api.mcp_server.knowledge import DOCUMENT_URI
from index.documents import get_document, get_text, list_documents

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from generate.dependencies import AnswerDependencies
    from index.library import Library
    from index.types import Scope

PASSAGES = 10
"""How many passages a search returns, as ``POST /v1/search`` does by default."""


@dataclass(frozen=True, slots=True)
class RemoteKnowledge:
    """The documents of the key's owner, by the routes of a running service."""

    remote: "Remote"
    base_url: str

    def url(self, document_id: str) -> str:
        """Return where the document's text is served."""
        return f"{self.base_url}/v1/documents/{document_id}/text"

    async def search(self, query: str) -> dict[str, Any]:
        """Return what ``POST /v1/search`` answers."""
        return await run_sync(self.remote.search, query, PASSAGES)

    async def ask(self, question: str) -> dict[str, Any]:
        """Return what ``POST /v1/ask`` answers."""
        return await run_sync(self.remote.ask, question)

    async def read_document(self, document_id: str) -> tuple[dict[str, Any], str]:
        """Return a document and its text."""
        return await run_sync(self._read, document_id)

    async def list_documents(self, after: str | None) -> dict[str, Any]:
        """Return a page of the documents."""
        query = {"after": after} if after else {}
        return await run_sync(lambda: self.remote.call("GET", "/v1/documents", params=query))

    def _read(self, document_id: str) -> tuple[dict[str, Any], str]:
        path = f"/v1/documents/{quote(document_id, safe='')}"
        return self.remote.call("GET", path), self.remote.text(f"{path}/text")


@dataclass(frozen=True, slots=True)
class LocalKnowledge:
    """The documents of whom ``--as`` names, in a data folder that is open."""

    answering: "AnswerDependencies"
    principals: Sequence[str]
    data: Path | None

    def url(self, document_id: str) -> str:
        """Return the document's address among the resources: no service is there to serve it."""
        return f"{DOCUMENT_URI}{document_id}"

    async def search(self, query: str) -> dict[str, Any]:
        """Return what ``footnote search`` finds."""
        return await run_sync(
            search_in, self.answering.retrieval, query, PASSAGES, SearchedPart(), self.principals
        )

    async def ask(self, question: str) -> dict[str, Any]:
        """Return what ``footnote ask`` answers."""
        return await run_sync(
            answer_in, self.answering, question, "json", SearchedPart(), self.data,
            self.principals,
        )  # fmt: skip

    async def read_document(self, document_id: str) -> tuple[dict[str, Any], str]:
        """Return a document and its text."""
        return await run_sync(self._read, document_id)

    async def list_documents(self, after: str | None) -> dict[str, Any]:
        """Return a page of the documents."""
        return await run_sync(
            lambda: asdict(list_documents(self._library, self._scope(), after=after))
        )

    @property
    def _library(self) -> "Library":
        return self.answering.retrieval.library

    def _scope(self) -> "Scope":
        """Return who asks, in the groups of this moment."""
        return local_actor(self._library.database, self.principals).scope

    def _read(self, document_id: str) -> tuple[dict[str, Any], str]:
        scope = self._scope()
        document = get_document(self._library, scope, document_id)
        return asdict(document), get_text(self._library, scope, document_id)
