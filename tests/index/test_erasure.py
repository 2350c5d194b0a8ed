"""A receipt waits until every process that lives has erased its own index."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from index.db.tables.base import utc_now
from index.db.tables.store import RunningProcess
from index.erasure import GONE, ErasureFollower
from index.library import Library
from index.storage.blob_store import FolderBlobs
from ingest.lifecycle.deletion_receipt import deletion_receipt
from ingest.lifecycle.management import delete_document
from tests.ingest.lifecycle.test_deletion_receipt import ANN, upload


class Replica:
    """A process of its own over the store: its files are in another folder."""

    def __init__(self, shelf, name):
        self.library = Library(
            shelf.database, FolderBlobs(shelf.folder / "blobs"), shelf.folder / name,
            model=shelf.embedder.name, dimension=shelf.embedder.dimension,
        )  # fmt: skip
        self.follower = ErasureFollower(shelf.database, "worker", lambda: self.library)
        self.follower.register()
        self.follower.look()


@pytest.fixture
def shelf(module_shelf):
    """Yield the store with nobody registered."""
    yield module_shelf
    with module_shelf.database.write() as session:
        for row in session.scalars(select(RunningProcess)):
            session.delete(row)


def delete_one(shelf, *libraries):
    """Delete a document that every one of these has in its files."""
    for number in range(3):
        upload(shelf, f"{number}.txt", f"The lamp number {number}.")
    doomed = upload(shelf, "doomed.txt", "The zanzibar lamp.")
    for library in libraries:
        library.save()
    delete_document(shelf.library, ANN, doomed)
    for library in libraries:
        library.follow()
    return doomed


def finding(library, document_id, *, compact=False):
    receipt = deletion_receipt(library, ANN.scope, document_id, compact=compact)
    return receipt.finding, receipt.waiting


def test_a_receipt_is_pending_until_every_process_has_erased_its_files(shelf):
    one, two = Replica(shelf, "one"), Replica(shelf, "two")
    doomed = delete_one(shelf, one.library, two.library)
    assert finding(one.library, doomed) == ("gone", 2)
    assert finding(one.library, doomed, compact=True) == ("pending", 1)
    two.follower.look()
    assert finding(one.library, doomed) == ("erased", 0)
    assert finding(two.library, doomed) == ("erased", 0)


def test_a_process_that_has_not_opened_its_index_yet_is_waited_for(shelf):
    one = Replica(shelf, "one")
    doomed = delete_one(shelf, one.library)
    ErasureFollower(shelf.database, "service", lambda: None).register()
    assert finding(one.library, doomed, compact=True) == ("pending", 1)


@pytest.mark.parametrize("ends", ["leaves", "dies"])
def test_nobody_waits_for_a_process_that_is_gone_and_its_files_count_when_it_starts_again(
    shelf, ends
):
    one, two = Replica(shelf, f"one-{ends}"), Replica(shelf, f"two-{ends}")
    doomed = delete_one(shelf, one.library, two.library)
    if ends == "leaves":
        two.follower.leave()
    else:
        silent_since = utc_now() - GONE - timedelta(seconds=1)
        with shelf.database.write() as session:
            session.execute(
                update(RunningProcess)
                .where(RunningProcess.id == two.library.process)
                .values(seen_at=silent_since)
            )
    two.library.save()  # a dead row is left in its files
    assert finding(one.library, doomed, compact=True) == ("erased", 0)
    two_again = Replica(shelf, f"two-{ends}")  # it finds the request, and erases at once
    assert finding(two_again.library, doomed) == ("erased", 0)


def test_a_process_that_was_taken_for_gone_registers_again(shelf):
    one = Replica(shelf, "one-again")
    one.follower.leave()
    delete_one(shelf, one.library)
    one.library.erased_seq = 1
    one.follower.look()
    with shelf.database.read() as session:
        rows = session.execute(select(RunningProcess.id, RunningProcess.erased_seq)).all()
    assert rows == [(one.library.process, one.library.erased_seq)]
