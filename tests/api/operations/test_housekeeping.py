"""Housekeeping looks every few minutes: with nothing due it keeps no writer waiting."""

import pytest

from api.auth.people import suspend_person
from api.questions.idempotency import forget_keys
from api.questions.reviews import expire_reviews
from api.webhooks.delivery_queue import claim_message, forget_deliveries
from index.audit.retention import prune_audit
from index.db.database import Database
from index.library import Library
from index.storage.blob_store import FolderBlobs
from ingest.lifecycle.retention import expire_documents
from ingest.partial_files import expire_partial_files
from tests.fakes.database import new_database


class WatchedDatabase(Database):
    """A database that notes who takes the write lock."""

    writes = 0

    def write(self, author=None):
        self.writes += 1
        return super().write(author)


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    new_database(folder)
    database = WatchedDatabase(f"sqlite:///{folder / 'footnote.db'}")
    suspend_person(database, "default", "ann")  # a row of the audit log, which is not old
    yield Library(database, FolderBlobs(folder / "blobs"), folder / "index", model="m", dimension=8)
    database.engine.dispose()


@pytest.mark.parametrize(
    "look",
    [
        expire_documents,
        expire_partial_files,
        lambda library: forget_keys(library.database),
        lambda library: expire_reviews(library.database),
        lambda library: prune_audit(library.database, 30),
        lambda library: forget_deliveries(library.database),
        lambda library: claim_message(library.database),
    ],
    ids=["documents", "uploads", "keys", "reviews", "audit", "messages", "sending"],
)
def test_a_look_that_finds_nothing_due_takes_no_write_lock(library, look):
    before = library.database.writes
    assert before
    look(library)
    assert library.database.writes == before
