"""How many statements a search, a list and an idle process send to the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, literal, select

from api.evaluations.run_store import runs_are_due
from api.openai_compatible.response_store import responses_are_due
from api.webhooks.delivery_queue import messages_are_due
from index.access.classes import readable
from index.db.tables.base import utc_now
from index.db.work_signals import signal_work
from index.db.work_watcher import watch_for_work
from index.documents import get_document, list_documents
from index.types import Scope
from ingest.queue.leases import jobs_are_due
from retrieve.retrieve import RetrievalDependencies, retrieve
from tests.fakes.store import Shelf

WORK = {
    "jobs": jobs_are_due, "messages": messages_are_due, "runs": runs_are_due,
    "responses": responses_are_due,
}  # fmt: skip
ANN = Scope.of("default", ["user:ann", "group:hr/all"])
SENTENCE = "The lamp number {} part {} is lit before sunset by the keeper of the light."


@pytest.fixture(scope="module")
def shelf(module_shelf: Shelf) -> Shelf:
    """Fill the store with documents of several access lists, chunks side by side."""
    for number in range(12):
        module_shelf.put(
            *(SENTENCE.format(number, part) for part in range(4)),
            filename=f"{number}.txt",
            allow=["tenant:all"] if number % 3 else ["user:ann", f"group:x{number}/all"],
            attributes={"number": number},
        )
    module_shelf.library.follow()
    return module_shelf


@contextmanager
def counted(shelf: Shelf) -> Iterator[list[str]]:
    """Gather the statements that are sent within the block; a transaction's begin is none."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(shelf.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(shelf.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "filters",
    [None, {"filename": {"in": ["3.txt", "4.txt"]}}, {"attributes.number": {"gte": 2}}],
)
def test_a_search_sends_at_most_ten_statements(shelf, filters):
    needs = RetrievalDependencies(shelf.library, shelf.embedder)
    with counted(shelf) as statements:
        retrieved = retrieve("When is the lamp lit?", ANN, needs, top_k=10, filters=filters)
    assert retrieved.passages
    assert len(statements) <= 10


def test_a_page_of_documents_takes_three_statements(shelf):
    first = list_documents(shelf.library, ANN, limit=5)
    with counted(shelf) as statements:
        page = list_documents(shelf.library, ANN, limit=100, after=first.next)
    assert len(page.items) == 7
    assert len(statements) <= 3
    views = [get_document(shelf.library, ANN, item.document_id) for item in page.items]
    assert views == page.items


def test_a_page_after_a_document_that_is_not_readable_starts_over(shelf):
    whole = list_documents(shelf.library, ANN)
    assert list_documents(shelf.library, ANN, after="doc_none") == whole


def test_sqlite_does_not_begin_at_the_tenant(shelf):
    """Prevents a look at one document from visiting all of its tenant."""
    compiled = str(readable(ANN).compile(shelf.database.engine))
    assert ("+documents.tenant" in compiled) == shelf.database.sqlite


def test_one_look_wakes_every_thread_that_has_work(shelf):
    stop, woken = threading.Event(), threading.Event()
    signals = shelf.database.signals

    def wait() -> None:
        signals.wait("jobs", 0, stop, seconds=0)
        woken.set()

    with counted(shelf) as statements:
        signals.conditions = {
            kind: lambda _now, kind=kind: literal(kind == "jobs") for kind in WORK
        }
        options = {"args": (shelf.database, stop), "kwargs": {"seconds": 0.001}}
        watcher = threading.Thread(target=watch_for_work, **options)
        watcher.start()
        threading.Thread(target=wait, daemon=True).start()
        assert woken.wait(10)
        stop.set()
        watcher.join(10)
    assert signals.count("jobs") == len(statements) > 0
    assert signals.count("runs") == 0


def test_what_is_due_is_looked_for_in_one_statement(shelf):
    with counted(shelf) as statements, shelf.database.read() as session:
        now = utc_now()
        row = session.execute(select(*(WORK[kind](now).label(kind) for kind in WORK))).mappings()
        assert not any(row.one().values())
    assert len(statements) == 1


def test_work_that_this_process_queues_wakes_its_threads_after_the_commit(shelf):
    signals = shelf.database.signals
    before = signals.count("messages")
    with shelf.database.write() as session:
        signal_work(session, "messages")
        assert signals.count("messages") == before
    assert signals.count("messages") == before + 1
