"""No sweep loses an original: neither beside the right database, nor beside a wrong or old one.

Random histories of uploads, deletions, crashes and restarts; then the database is lost, emptied,
restored from an older copy or mistaken for another store's, and everything old is swept. Each
original that the right database names must be in its place. Where an older copy took few enough
for the sweep to go on, it must be in the trash and come back.

More of them: ``FOOTNOTE_PROOF_SWEEPS=500 pytest tests/proofs/test_sweep_safety.py``.
"""

import os
import random
import shutil
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from index.db.database import Database
from index.db.tables.documents import Version
from index.errors import StoreMismatchError
from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.storage.store_identity import FEW, check_store
from index.types import Actor, Scope
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.orphan_blobs import recover_trash, sweep_orphans
from ingest.upload import Upload, accept
from tests.fakes.database import new_database
from tests.proofs.seed import SEED

SWEEPS = int(os.environ.get("FOOTNOTE_PROOF_SWEEPS", "15"))
ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
OLD = timedelta(seconds=-60)
"""A grace period that takes every original for an old one."""


class Story:
    """A store, what happened to it, and the copies of its database that somebody kept."""

    def __init__(self, folder, number):
        self.random = random.Random(f"{SEED} {number}")
        self.folder, self.copies, self.documents = folder, [], []
        new_database(folder)
        self.open()

    def open(self):
        self.database = Database.in_folder(self.folder)
        self.database.create()
        self.blobs = FolderBlobs(self.folder / "blobs")
        self.library = Library(
            self.database, self.blobs, self.folder / "index", model="fake", dimension=4
        )

    def close(self):
        self.database.engine.dispose()

    def upload(self):
        for _ in range(self.random.randint(1, 12)):
            content = self.random.randbytes(self.random.randint(1, 200))
            file = Upload(f"{len(self.documents)}.txt", [content])
            accepted = accept(self.library, ANN, file, limit_bytes=1000)
            self.documents.append(accepted.document_id)

    def delete(self):
        for _ in range(min(len(self.documents), self.random.randint(1, 3))):
            document = self.documents.pop(self.random.randrange(len(self.documents)))
            delete_document(self.library, ANN, document)

    def crash(self):
        """Leave an original without a row, as an upload whose process died does."""
        self.blobs.put([self.random.randbytes(20)])

    def restart(self):
        with suppress(StoreMismatchError):  # a store of leavings alone is refused, which loses none
            check_store(self.database, self.blobs)

    def copy(self):
        self.close()
        copy = self.folder.parent / f"copy-{len(self.copies)}"
        shutil.copyfile(self.folder / "footnote.db", copy)
        self.copies.append(copy)
        self.open()

    def sweep(self):
        with suppress(StoreMismatchError):
            sweep_orphans(self.database, self.blobs, grace=OLD)

    def originals(self):
        with self.database.read() as session:
            return {
                row.blob: row.size for row in session.execute(select(Version.blob, Version.size))
            }


def lose(story):
    (story.folder / "footnote.db").unlink()


def replace_by_empty(story):
    lose(story)
    new_database(story.folder)


def restore_older(story):
    copy = story.random.choice(story.copies)
    shutil.copyfile(copy, story.folder / "footnote.db")


def mistake_for_another(story):
    other = Story(story.folder.parent / "other", "other")
    other.upload()
    other.restart()
    other.close()
    shutil.copyfile(other.folder / "footnote.db", story.folder / "footnote.db")


WAYS = [lose, replace_by_empty, restore_older, mistake_for_another]
STEPS = [Story.upload, Story.upload, Story.upload, Story.delete, Story.crash, Story.restart,
         Story.copy, Story.sweep]  # fmt: skip


@pytest.mark.parametrize("number", range(SWEEPS))
def test_no_original_is_lost_whatever_became_of_the_database(tmp_path, number):
    story = Story(tmp_path / "data", number)
    story.upload()
    story.copy()
    for step in story.random.choices(STEPS, k=12):
        step(story)
        assert in_place(story) >= story.originals().keys()
    originals = story.originals()
    way = story.random.choice(WAYS)
    story.close()
    way(story)
    story.open()
    try:
        report = sweep_orphans(story.database, story.blobs, grace=OLD)
    except StoreMismatchError:
        report = None
    missing = originals.keys() - in_place(story)
    if report is None or report.refusal is not None or way is not restore_older:
        assert not missing, way
    assert len(missing) <= max(FEW, len(originals) // 20)
    recover_trash(story.blobs, sorted(missing))
    for name, size in originals.items():
        with story.blobs.open(name) as file:
            assert len(file.read()) == size
    story.close()


def in_place(story):
    return set(story.blobs.names())
