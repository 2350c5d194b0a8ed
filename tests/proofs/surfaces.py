"""The other surfaces of a store: its vector stores, and what an assistant gets by MCP.

They stand on the same search and the same answer, which are not computed again where the outcome
has them already.
"""

from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from api.mcp_server.tools import call_tool
from api.openai_compatible.search_filters import ComparisonFilter
from api.openai_compatible.store_schemas import StoreSearchRequest
from api.openai_compatible.store_search import search_store
from api.questions.search_json import search_json
from generate.rendering.render import answer_json
from generate.types import Answer
from index.access.classes import ensure_tenant, intern_class
from index.db.tables.collections import Collection, CollectionDocument
from index.db.tables.documents import Document
from index.documents import get_document, get_text, list_documents
from index.library import Library
from index.types import EVERYONE, AccessList, Actor, Scope
from retrieve.retrieve import RetrievalDependencies
from retrieve.types import Retrieved
from tests.proofs.cases import TENANTS, Paper
from tests.proofs.stores import Store

MADE_UP = "doc_0123456789abcdef01234567"
NEW = ComparisonFilter(type="gte", key="year", value=2020)
TOLD_ASIDE = ("id", "url")
"""Keys that hold a generated id."""


def vector_store_of(tenant: str) -> str:
    """Return the id of the vector store that everybody in a tenant sees."""
    return f"col_{tenant}"


def fill_vector_stores(store: Store, papers: Sequence[Paper], ids: dict[int, str]) -> None:
    """Put a part of the documents into a vector store of their tenant, whoever may read them."""
    with store.shelf.database.write() as session:
        for tenant in TENANTS:
            ensure_tenant(session, tenant)
            everybody = intern_class(session, tenant, AccessList.of([EVERYONE]))
            row = Collection(
                id=vector_store_of(tenant), tenant=tenant, owner="user:owner0",
                class_key=everybody, name="Lamp",
            )  # fmt: skip
            session.add(row)
            session.flush()
            for number, paper in enumerate(papers):
                if paper.tenant != tenant or paper.deleted or paper.filename == "log.txt":
                    continue
                of_paper = select(Document.key).where(Document.id == ids[number])
                session.add(
                    CollectionDocument(
                        collection_key=row.key, document_key=session.scalars(of_paper).one(),
                        tenant=tenant, attributes={"shelf": paper.title}, added_by=row.owner,
                    )
                )  # fmt: skip


class Quiet:
    """A log and a meter that nobody reads."""

    def record(self, *_read: Any, **_details: Any) -> None:
        """Forget a read."""

    def stages(self, _timings: Any) -> None:
        """Forget how long it took."""


@dataclass(frozen=True)
class Questions:
    """As much of what searches need as a vector store's search uses."""

    found: RetrievalDependencies
    reads: Quiet = field(default_factory=Quiet)
    metrics: Quiet = field(default_factory=Quiet)

    @property
    def database(self) -> Any:
        """The store's."""
        return self.found.library.database

    def retrieval(self) -> RetrievalDependencies:
        """Return what a search needs."""
        return self.found


def searched_store(
    found: RetrievalDependencies, scope: Scope, question: str, *, only_new: bool
) -> dict[str, Any]:
    """Search in the vector store of the asker's tenant."""
    actor = Actor(scope, min(scope.principals))
    body = StoreSearchRequest(
        query=question, max_num_results=4, filters=NEW if only_new else None, rewrite_query=True
    )
    page = search_store(Questions(found), actor, vector_store_of(scope.tenant), body)
    return page.model_dump()


@dataclass(frozen=True)
class Assisted:
    """The knowledge that an assistant has: results and an answer that are there already."""

    library: Library
    scope: Scope
    results: Retrieved
    answer: Answer | None

    def url(self, _document_id: str) -> str:
        """Return nothing that is generated."""
        return "url"

    async def search(self, _query: str) -> dict[str, Any]:
        """Return the results."""
        return search_json(self.results)

    async def ask(self, _question: str) -> dict[str, Any]:
        """Return the answer."""
        return answer_json(self.answer) if self.answer else {}

    async def read_document(self, document_id: str) -> tuple[dict[str, Any], str]:
        """Return a document and its text."""
        document = get_document(self.library, self.scope, document_id)
        return asdict(document), get_text(self.library, self.scope, document_id)

    async def list_documents(self, after: str | None) -> dict[str, Any]:
        """Return a page of the documents."""
        return asdict(list_documents(self.library, self.scope, after=after))


def assisted(knowledge: Assisted, question: str) -> dict[str, Any]:
    """Let an assistant search, fetch what it found and what it may not read, and ask."""
    hits = _called(knowledge, "search", query=question)
    ids = [hit["id"] for hit in hits.structured_content["results"]]
    asked = _called(knowledge, "ask", question=question) if knowledge.answer else None
    return {
        "search": _told(hits.structured_content),
        "fetched": [_told(_called(knowledge, "fetch", id=each).structured_content) for each in ids],
        "hidden": _refusal(_called(knowledge, "fetch", id=_hidden_id(knowledge))),
        "ask": asked and [asked.content[0].text, asked.structured_content],
    }


def _hidden_id(knowledge: Assisted) -> str:
    """Return the id of a document that the asker may not read; a made-up one where there is none.

    A document that goes while it is fetched is answered as one that was never there.
    """
    listed = list_documents(knowledge.library, knowledge.scope, limit=500).items
    readable = {view.document_id for view in listed}
    with knowledge.library.database.read() as session:
        ids = set(session.scalars(select(Document.id)))
    return min(ids - readable, default=MADE_UP)


def _refusal(result: Any) -> tuple[bool, str]:
    return result.is_error, result.content[0].text


def _called(knowledge: Assisted, name: str, **arguments: str) -> Any:
    return _finished(call_tool(knowledge, name, arguments))


def _finished(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that waits for nothing: an event loop for each case would cost more."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _told(each) for name, each in value.items() if name not in TOLD_ASIDE}
    if isinstance(value, list):
        return [_told(each) for each in value]
    return value
