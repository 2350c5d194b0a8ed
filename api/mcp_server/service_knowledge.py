"""The knowledge behind ``/mcp``: the services of this process, as one caller."""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive

from api.admission.waiting import result_for
from api.dependencies import current_library
from api.questions.schemas import AskRequest, SearchRequest
from api.questions.search_json import search_json
from api.questions.service import SEARCH_TOKENS, admitted_question, admitted_search, answer_question
from api.questions.service import search as search_passages
from api.service import ServiceState
from index.documents import get_document, get_text, list_documents
from index.types import Actor


@dataclass(frozen=True, slots=True)
class ServiceKnowledge:
    """The documents of one caller, by the services that answer our own routes."""

    state: ServiceState
    actor: Actor
    receive: Receive
    """Tells when the caller leaves, which ends the work."""
    base_url: str
    """The service's address, as the caller wrote it."""

    def url(self, document_id: str) -> str:
        """Return where the document's text is served."""
        return f"{self.base_url}/v1/documents/{document_id}/text"

    async def search(self, query: str) -> dict[str, Any]:
        """Return what ``POST /v1/search`` answers."""
        questions, body = self.state.questions, SearchRequest(query=query)
        async with admitted_search(questions, self.actor, self.receive, SEARCH_TOKENS):
            work = partial(
                search_passages, questions, self.actor, body.query,
                top_k=body.top_k, narrowing=body.narrowing,
            )  # fmt: skip
            return search_json(await result_for(self.receive, questions.threads, work))

    async def ask(self, question: str) -> dict[str, Any]:
        """Return what ``POST /v1/ask`` answers."""
        questions, body = self.state.questions, AskRequest(question=question)
        async with admitted_question(questions, self.actor, self.receive, body, None) as admitted:
            work = partial(answer_question, questions, admitted)
            return await result_for(self.receive, questions.threads, work)

    async def read_document(self, document_id: str) -> tuple[dict[str, Any], str]:
        """Return a document and its text, and record the read."""
        return await run_in_threadpool(self._read, document_id)

    async def list_documents(self, after: str | None) -> dict[str, Any]:
        """Return a page of the documents."""
        return await run_in_threadpool(self._list, after)

    def _read(self, document_id: str) -> tuple[dict[str, Any], str]:
        library = current_library(self.state)
        document = get_document(library, self.actor.scope, document_id)
        text = get_text(library, self.actor.scope, document_id)
        self.state.reads.record(self.actor, "text", [document_id])
        return asdict(document), text

    def _list(self, after: str | None) -> dict[str, Any]:
        return asdict(list_documents(current_library(self.state), self.actor.scope, after=after))
