"""A full disk at every operation: the N-th write, fsync, rename or folder operation fails.

N counts up until a run goes through without meeting its fault, so that no operation is left out.
After each fault the running index answers as before, the store opens and is right, and the next
publication works. The same for the blob store: a document is accepted whole, or not at all.
"""

import itertools

import pytest
from sqlalchemy import select

from index.db.tables.documents import Document, Version
from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.storage.durable_files import Files
from index.types import Actor, Scope
from ingest.upload import Upload, accept
from tests.fakes.disk import FailingFiles
from tests.fakes.embedder import FakeEmbedder
from tests.proofs.stores import new_store
from tests.proofs.test_power_loss import found, open_over

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")


class Switch(Files):
    """Hands everything on to another layer, which may be changed at any time."""

    def __init__(self):
        self.to: Files = Files()

    def create(self, path):
        return self.to.create(path)

    def sync(self, file):
        self.to.sync(file)

    def rename(self, source, target):
        self.to.rename(source, target)

    def sync_folder(self, folder):
        self.to.sync_folder(folder)

    def make_folder(self, folder):
        self.to.make_folder(folder)

    def remove(self, path):
        self.to.remove(path)


def two_snapshots(store, folder, files, at):
    """Publish, change, and publish again with a fault at ``at``; return whether it was met."""
    shelf = store.shelf
    library = open_over(shelf, folder, files)
    assert library.save()
    extra = shelf.put("lamp lamp", "fog", filename=f"extra-{at}.txt")
    files.to = failing = FailingFiles(at)
    try:
        library.save()
    except OSError:
        assert failing.failed
    files.to = Files()
    after_a_fault(shelf, library, folder)
    shelf.remove(extra)
    assert found(library, shelf) == found(open_over(shelf, folder), shelf)
    return failing.failed


def after_a_fault(shelf, library, folder):
    """Compare the running index, one opened from disk, and a rebuild; then publish again."""
    rebuilt = found(open_over(shelf, folder.with_name("nothing")), shelf)
    assert found(library, shelf) == rebuilt
    left = open_over(shelf, folder)
    assert left.index.newest.seq > 0, "the older snapshot is gone"
    assert found(left, shelf) == rebuilt
    assert library.save()
    again = open_over(shelf, folder)
    assert again.index.newest.seq == library.index.newest.seq
    assert found(again, shelf) == rebuilt
    names = {path.name for path in library.snapshots.folder.iterdir()}
    assert len([name for name in names if name.startswith("segment-")]) == len(
        again.index.newest.segments
    ), "what a failed publication left behind was not swept"


@pytest.fixture
def store():
    with new_store(FakeEmbedder()) as store:
        for number in range(14):
            store.shelf.put(f"lamp {number}", "fog bell", filename=f"{number}.txt")
        yield store


def test_a_full_disk_at_any_operation_of_publishing_harms_nothing(store):
    for at in itertools.count(1):
        if not two_snapshots(store, store.shelf.folder / f"index-{at}", Switch(), at):
            break
    assert at > 17 * 4, f"only {at} operations were met"


def test_a_full_disk_at_any_operation_of_an_upload_accepts_it_whole_or_not_at_all(store):
    whole = [b"The lamp ", b"is lit."]
    for at in itertools.count(1):
        folder = store.shelf.folder / f"blobs-{at}"
        failing = FailingFiles(at)
        library = over_blobs(store.shelf, FolderBlobs(folder, files=failing))
        upload = Upload(f"upload-{at}.txt", whole)
        try:
            accept(library, ANN, upload, limit_bytes=1000)
        except OSError:
            assert versions_of(library, upload.filename) == []
            assert not list(folder.rglob("*.part"))
            accept(library, ANN, upload, limit_bytes=1000)
        (blob,) = versions_of(library, upload.filename)
        assert library.blobs.open(blob).read() == b"".join(whole)
        if not failing.failed:
            break
    assert at > 6, f"only {at} operations were met"


def over_blobs(shelf, blobs):
    return Library(
        shelf.database, blobs, shelf.folder / "index",
        model=shelf.embedder.name, dimension=shelf.embedder.dimension,
    )  # fmt: skip


def versions_of(library, filename):
    with library.database.read() as session:
        return session.scalars(
            select(Version.blob)
            .join(Document, Document.key == Version.document_key)
            .where(Document.filename == filename)
        ).all()
