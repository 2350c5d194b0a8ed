"""A power cut at any moment: what was acknowledged stays, and the index opens and is right.

``kill -9`` leaves the page cache alone, so every write, fsync and rename of the snapshots and of
the blob store is recorded, and each prefix is replayed without what was not synced: contents
torn or lost, names that their folder was not fsynced for there or not, by chance and by seed.

Every prefix: ``FOOTNOTE_PROOF_CRASHES=0 pytest tests/proofs/test_power_loss.py`` (0 is all).
"""

import os
import random
import shutil

import pytest

from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.types import Scope
from tests.fakes.disk import Disk, RecordingFiles, write_out
from tests.fakes.store import Shelf
from tests.proofs.seed import SEED
from tests.proofs.stores import new_folder

CRASHES = int(os.environ.get("FOOTNOTE_PROOF_CRASHES", "60"))
ROUNDS = int(os.environ.get("FOOTNOTE_PROOF_ROUNDS", "4"))
SURVIVAL = [0.0, 0.5, 0.5, 1.0]
"""How likely an unsynced change of names survives, for the variants of each moment."""

EVERYBODY = Scope.of("default", [])


def found(library, shelf):
    with library.read(EVERYBODY) as reader:
        hits = reader.dense(shelf.vector("lamp fog"), 50) + reader.lexical(["lamp", "fog"], 50)
        chunks = reader.chunks([hit.chunk for hit in hits])
        return [(c.filename, c.ordinal, h.score) for c, h in zip(chunks, hits, strict=True)]


def open_over(shelf, folder, files=None):
    return Library(
        shelf.database, shelf.library.blobs, folder, files=files,
        model=shelf.embedder.name, dimension=shelf.embedder.dimension,
    )  # fmt: skip


def edit(shelf, kept, rng, turn):
    """Put many documents first and then few, so that there is more than one segment."""
    for number in range(2 if turn else 14):
        name = f"{turn}-{number}.txt"
        kept.append(shelf.put(f"lamp {turn} {number}", "fog bell", filename=name))
    if len(kept) > 3:
        shelf.remove(kept.pop(rng.randrange(len(kept))))


def record(folder, files, rng):
    """Publish a few snapshots; return the shelves as they were, one for each moment of editing."""
    shelf = Shelf(folder)
    library = open_over(shelf, folder / "index", files)
    kept: list[str] = []
    moments = []
    for turn in range(ROUNDS):
        edit(shelf, kept, rng, turn)
        library.follow()
        files.note(("editing", turn))
        moments.append(copied(shelf, folder / f"moment-{turn}"))
        library.compact() if turn == ROUNDS - 1 else library.save()
        files.note(("saved", library.index.newest.seq))
    return moments


def copied(shelf, folder):
    """Copy the database as it is now; the files of its snapshots stay where they are."""
    folder.mkdir()
    with shelf.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(shelf.folder / "footnote.db", folder / "footnote.db")
    return Shelf(folder)


def replay(log, moments, rng, root, to, crashes):
    """Cut the power after each operation (or after a sample); yield what is found there."""
    disk, at, saved = Disk(), 0, [0]
    chosen = set(range(len(log))) if not crashes else set(rng.sample(range(len(log)), crashes))
    for step, operation in enumerate(log):
        disk.apply(operation)
        if operation.kind == "note":
            what, value = operation.noted
            at, saved = (value, saved) if what == "editing" else (at, [*saved, value])
        if step in chosen:
            for variant, survival in enumerate(SURVIVAL):
                folder = to / f"{step}-{variant}"
                write_out(disk.crash(rng, survival), root, folder)
                yield moments[at], folder, saved[-1]


def is_right(shelf, folder, saved, expected):
    """Boot what a crash left: the last snapshot or the one in the making, and the same results."""
    library = open_over(shelf, folder)
    seq = library.index.newest.seq
    assert seq >= saved, f"a published snapshot is gone: {saved} was saved, {seq} was opened"
    assert found(library, shelf) == expected[shelf.folder]
    assert library.save()
    assert open_over(shelf, folder).index.newest.seq == library.index.newest.seq


def crash_everywhere(files, folder, crashes):
    rng = random.Random(SEED)
    (folder / "index").mkdir()
    moments = record(folder, files, rng)
    expected = {shelf.folder: found(shelf.library, shelf) for shelf in moments}
    booted = 0
    for shelf, left, saved in replay(
        files.log, moments, rng, folder / "index", folder / "crashes", crashes
    ):
        is_right(shelf, left, saved, expected)
        shutil.rmtree(left, ignore_errors=True)
        booted += 1
    return booted


@pytest.fixture
def folder():
    print(f"seed {SEED}")  # noqa: T201 - to repeat a failure
    with new_folder() as folder:
        yield folder


def test_a_power_cut_at_any_moment_of_publishing_leaves_an_index_that_is_right(folder):
    assert crash_everywhere(RecordingFiles(), folder, CRASHES) >= CRASHES


class WithoutFileSync(RecordingFiles):
    """Forgets to fsync files."""

    def sync(self, file):
        file.flush()


class WithoutFolderSync(RecordingFiles):
    """Forgets to fsync folders."""

    def sync_folder(self, folder):
        pass


@pytest.mark.parametrize("forgetful", [WithoutFileSync, WithoutFolderSync])
def test_a_forgotten_fsync_is_found_out(folder, forgetful):
    with pytest.raises(AssertionError, match="a published snapshot is gone"):
        crash_everywhere(forgetful(), folder, 0)


def stored(folder, files):
    """Put blobs and note each name once it is acknowledged."""
    blobs = FolderBlobs(folder / "blobs", files=files)
    contents = {}
    for number in range(12):
        content = bytes([number]) * (number + 1) * 50
        name = blobs.put([content[:7], content[7:]])
        contents[name] = content
        files.note(name)
    return contents


def lost_blobs(files, folder, rng):
    contents = stored(folder, files)
    disk, promised = Disk(), {}
    for operation in files.log:
        disk.apply(operation)
        if operation.kind == "note":
            promised[operation.noted] = contents[operation.noted]
        for survival in SURVIVAL:
            left = {path.name: data for path, data in disk.crash(rng, survival).items()}
            yield from (name for name, data in promised.items() if left.get(name) != data)


def test_no_acknowledged_blob_is_lost_or_torn_by_a_power_cut(folder):
    assert list(lost_blobs(RecordingFiles(), folder, random.Random(SEED))) == []


@pytest.mark.parametrize("forgetful", [WithoutFileSync, WithoutFolderSync])
def test_a_blob_store_that_forgets_to_fsync_is_found_out(folder, forgetful):
    assert list(lost_blobs(forgetful(), folder, random.Random(SEED)))
