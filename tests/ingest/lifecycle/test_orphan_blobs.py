"""A sweep takes the leavings of crashes, never the originals of a store whose database is wrong."""

import os
import secrets
import shutil
import time
from datetime import timedelta
from functools import cached_property

import pytest

from api.composition.ingestion import ingestion_builder, sweep_originals
from api.composition.replacements import Replacements
from api.composition.store import open_store
from api.operations.backup import backup
from api.operations.doctor import examine
from api.operations.restore import restore
from api.settings import Settings
from index.db.tables.base import utc_now
from index.errors import NotFoundError, StoreMismatchError
from index.storage.store_identity import adopt_originals, read_mark, sweep_hold
from index.types import Actor, Scope
from ingest.lifecycle.orphan_blobs import empty_trash, recover_trash, sweep_orphans
from ingest.upload import Upload, accept
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
EMBEDDER = FakeEmbedder()
REPLACEMENTS = Replacements(lambda _source: EMBEDDER, PlainParser())
OLD = timedelta(seconds=-60)
"""A grace period that takes every blob for an old one."""


@pytest.fixture(params=["folder", "memory"])
def root(request, tmp_path):
    """Where the originals are: a folder, or an object store through fsspec."""
    return str(tmp_path / "blobs") if request.param == "folder" else f"memory://{tmp_path.name}"


class LazyStore:
    """A store and its way in, each opened at its first use."""

    def __init__(self, settings):
        self.settings = settings

    @cached_property
    def store(self):
        return open_store(self.settings)

    @cached_property
    def ingestion(self):
        return ingestion_builder(self.settings, self.store, REPLACEMENTS)()

    @property
    def database(self):
        return self.store.database

    @property
    def blobs(self):
        return self.store.blobs

    @property
    def library(self):
        return self.ingestion.library

    def worker(self):
        return self.ingestion.worker()

    def close(self):
        self.store.close()


@pytest.fixture
def store(root, tmp_path):
    with_database = []

    def open_lazily(data="data", blobs=None):
        settings = Settings(data=tmp_path / data, blobs=blobs or root, database_url=None)
        lazy_store = LazyStore(settings)
        with_database.append(lazy_store)
        return lazy_store

    yield open_lazily
    for lazy_store in with_database:
        lazy_store.close()


def fill(lazy_store, count=25):
    for number in range(count):
        accept(
            lazy_store.library, ANN, Upload(f"{number}.txt", [b"lamp %d" % number]), limit_bytes=100
        )
    lazy_store.worker().run_until_idle()
    lazy_store.store.check()  # as housekeeping does: the mark follows the change log
    return set(lazy_store.blobs.names())


def sweep(lazy_store, **options):
    return sweep_orphans(lazy_store.database, lazy_store.blobs, grace=OLD, **options)


def loss_of(store, lazy_store, data):
    """Take the database away, as an accident does."""
    lazy_store.close()
    for suffix in ("", "-wal", "-shm"):
        (data / f"footnote.db{suffix}").unlink(missing_ok=True)


def test_an_empty_database_beside_full_originals_removes_none(store):
    originals = fill(store())
    other = store("empty")
    with pytest.raises(StoreMismatchError, match="the database is new or empty"):
        sweep(other)
    with pytest.raises(StoreMismatchError):
        _ = other.library
    assert set(other.blobs.names()) == originals


def test_a_lost_database_removes_none(store, tmp_path):
    lazy_store = store()
    originals = fill(lazy_store)
    loss_of(store, lazy_store, tmp_path / "data")
    again = store()
    with pytest.raises(StoreMismatchError):
        sweep(again)
    assert set(again.blobs.names()) == originals


def test_a_lost_database_of_a_store_that_was_never_marked_removes_none(store, tmp_path):
    """A store of an earlier version has no mark; agreement of the two halves decides."""
    lazy_store = store()
    originals = fill(lazy_store, count=3)
    unmark(lazy_store)
    loss_of(store, lazy_store, tmp_path / "data")
    with pytest.raises(StoreMismatchError, match="do not belong together"):
        sweep(store())
    assert set(store().blobs.names()) == originals


def test_two_stores_on_one_root_do_not_sweep_each_other(store):
    first = fill(store(), count=25)
    second = store("second", blobs=f"memory://{secrets.token_hex(6)}")
    fill(second, count=25)
    second.close()
    confused = store("second")
    with pytest.raises(StoreMismatchError, match="another store"):
        sweep(confused)
    assert set(confused.blobs.names()) == first


def test_an_older_database_that_was_restored_removes_none_until_a_person_decides(store, tmp_path):
    lazy_store = store()
    fill(lazy_store, count=5)
    archive = tmp_path / "old.tar"
    backup(lazy_store.database, lazy_store.blobs, archive)
    later = fill(lazy_store, count=10)
    lazy_store.close()
    restore(archive, tmp_path / "restored")
    older = store("restored")
    report = sweep(older)
    assert "older than the original files" in report.refusal
    assert report.moved == 0
    assert set(older.blobs.names()) == later
    fill(older, count=20)  # its change log overtakes the mark, and the hold stays
    assert sweep(older).refusal is not None
    confirmed = sweep(older, is_confirmed=True)
    assert confirmed.moved == len(later) - 5
    assert sweep(older).refusal is None


def test_a_sweep_of_more_than_a_small_share_is_decided_by_a_person(store, caplog):
    lazy_store = store()
    fill(lazy_store, count=25)
    orphans = {lazy_store.blobs.put([b"x"]) for _ in range(21)}
    report = sweep(lazy_store)
    assert report.moved == 0
    assert "21 of 46 original files have no document" in report.refusal
    assert any(record.levelname == "ERROR" for record in caplog.records)
    with lazy_store.database.read() as session:
        assert sweep_hold(session) == report.refusal
    findings = [f for f in examine(lazy_store.settings) if f.part == "original files"]
    assert [(f.state, report.refusal in f.detail) for f in findings] == [("warning", True)]
    assert set(sweep(lazy_store, is_confirmed=True).orphans) == orphans


def test_a_few_orphans_go_to_the_trash_and_come_back(store, caplog):
    lazy_store = store()
    names = fill(lazy_store, count=2)
    orphan = lazy_store.blobs.put([b"half a story"])
    assert sweep(lazy_store).moved == 1
    assert set(lazy_store.blobs.names()) == names
    assert list(lazy_store.blobs.list_trash()) == [orphan]
    assert any("trash" in record.message for record in caplog.records)
    with pytest.raises(NotFoundError):
        lazy_store.blobs.open(orphan)
    assert recover_trash(lazy_store.blobs) == [orphan]
    with lazy_store.blobs.open(orphan) as file:
        assert file.read() == b"half a story"
    assert lazy_store.blobs.list_trash() == {}


def test_the_trash_is_emptied_when_its_time_is_over(store):
    lazy_store = store()
    fill(lazy_store, count=1)
    first = lazy_store.blobs.put([b"x"])
    lazy_store.blobs.discard(first, utc_now().date() - timedelta(days=31))
    second = lazy_store.blobs.put([b"y"])
    report = sweep(lazy_store)
    assert (report.moved, report.emptied) == (1, 1)
    assert list(lazy_store.blobs.list_trash()) == [second]
    assert empty_trash(lazy_store.blobs, before=utc_now().date()) == 1


def test_a_store_from_before_gets_its_mark_where_both_halves_agree(store):
    lazy_store = store()
    originals = fill(lazy_store, count=3)
    unmark(lazy_store)
    lazy_store.close()
    again = store()
    again.store.check()
    assert read_mark(again.blobs) is not None
    assert sweep(again).moved == 0
    assert set(again.blobs.names()) == originals


def test_originals_that_are_lost_stop_the_start_and_a_person_may_adopt(store, tmp_path):
    fill(store(), count=3)
    moved = store(blobs=str(tmp_path / "elsewhere"))
    with pytest.raises(StoreMismatchError, match="3 of the 3 that it names are not there"):
        moved.store.check()
    adopt_originals(moved.database, moved.blobs)
    moved.store.check()


def test_a_backup_carries_the_identity(store, tmp_path):
    lazy_store = store()
    originals = fill(lazy_store, count=3)
    mark = read_mark(lazy_store.blobs)
    backup(lazy_store.database, lazy_store.blobs, tmp_path / "store.tar")
    restore(tmp_path / "store.tar", tmp_path / "restored")
    restored = store("restored", blobs=str(tmp_path / "restored" / "blobs"))
    assert sweep(restored).moved == 0
    assert read_mark(restored.blobs).identity == mark.identity
    assert set(restored.blobs.names()) == originals


def test_the_service_sweeps_once_it_is_ready_and_only_what_is_old(tmp_path):
    settings = Settings(data=tmp_path / "data", blobs=None, database_url=None)
    lazy_store = LazyStore(settings)
    fill(lazy_store, count=1)
    young, old = lazy_store.blobs.put([b"x"]), lazy_store.blobs.put([b"y"])
    days_ago = time.time() - 3 * 86_400
    os.utime(tmp_path / "data" / "blobs" / old[:2] / old, (days_ago, days_ago))
    assert sweep_originals(lazy_store.store).orphans == (old,)
    assert young in lazy_store.blobs.names()
    lazy_store.close()
    shutil.rmtree(tmp_path / "data")


def unmark(lazy_store):
    """Make a store one that an earlier version left."""
    from index.db.store_settings import drop_setting
    from index.storage.blob_store import MARK
    from index.storage.store_identity import IDENTITY

    with lazy_store.database.write() as session:
        drop_setting(session, IDENTITY)
    blobs = lazy_store.blobs
    if hasattr(blobs, "_folder"):
        (blobs._folder / MARK).unlink()
    else:
        blobs._files.rm(f"{blobs._root}/{MARK}")
