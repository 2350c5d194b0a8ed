"""PostgreSQL's own means and ours together: what was backed up is restored, to any moment."""

import time

import pytest
from sqlalchemy import create_engine, make_url, select, text

from api.operations.incremental_backup import back_up_incrementally, restore_state
from api.operations.scrub import ScrubDependencies, scrub
from index.db.database import Database
from index.db.tables.documents import Document
from index.library import Library
from index.storage.blob_store import FolderBlobs
from tests.api.operations.test_backup import contents_of, put, rows_of
from tests.conftest import missing
from tests.postgres import (
    FAST,
    execute,
    find_binaries,
    fresh_database,
    give_to_server,
    make_cluster,
    run_as_server,
    server_folder,
    serving_cluster,
)

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def binaries():
    folder = find_binaries()
    if folder is None:
        missing("PostgreSQL", "Run `make test`, or: apt-get install postgresql")
    return folder


def open_library(url, folder):
    database = Database(url)
    database.create()  # a restored one has everything, so nothing is made
    blobs = FolderBlobs(folder / "blobs")
    return Library(database, blobs, folder / "index", model="fake", dimension=4)


def filenames(library):
    with library.database.read() as session:
        return set(session.scalars(select(Document.filename)))


def wait_until(url, question):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    until = time.monotonic() + 60
    try:
        with engine.connect() as connection:
            while not connection.execute(text(question)).scalar():
                assert time.monotonic() < until, question
                time.sleep(0.05)
    finally:
        engine.dispose()


def test_a_dump_and_a_state_of_the_originals_make_the_store_again(
    postgres_server, empty_postgres_url, binaries, tmp_path
):
    library = open_library(empty_postgres_url, tmp_path / "data")
    for number in range(3):
        put(library, f"note-{number}.txt", b"The lamp is lit before sunset. " * (number + 1))
    source = make_url(empty_postgres_url)
    with server_folder() as folder:
        at = ["--host", source.query["host"], "--username", "footnote"]
        dump = folder / "footnote.dump"
        run_as_server([
            binaries / "pg_dump", "--format=custom", f"--file={dump}", *at, source.database,
        ])  # fmt: skip
        states = str(tmp_path / "states")
        assert not back_up_incrementally(library.database, library.blobs, states).database
        with fresh_database(postgres_server) as other:
            target = make_url(other).database
            run_as_server([binaries / "pg_restore", "--no-owner", *at, f"--dbname={target}", dump])
            restore_state(states, tmp_path / "again")
            again = open_library(other, tmp_path / "again")
            assert rows_of(again.database) == rows_of(library.database)
            assert contents_of(again) == contents_of(library)
            store = ScrubDependencies(again.database, again.blobs, tmp_path / "again")
            assert scrub(store).is_sound
            again.database.engine.dispose()
    library.database.engine.dispose()


def test_a_moment_between_two_uploads_is_restored_from_the_archived_log(binaries, tmp_path):
    """The base backup is older than both moments, and the state of the originals is newer."""
    with server_folder() as folder:
        log = folder / "archive"
        log.mkdir()
        give_to_server(log)
        archiving = ("archive_mode=on", f"archive_command=cp %p {log}/%f", "listen_addresses=")
        make_cluster(binaries, folder / "data")
        with serving_cluster(binaries, folder / "data", archiving) as url:
            library = open_library(url, tmp_path / "data")
            base = [binaries / "pg_basebackup", "--host", folder, "--username", "footnote"]
            run_as_server([*base, "--checkpoint=fast", "--pgdata", folder / "base"])
            put(library, "first.txt", b"The lamp is lit before sunset.")
            execute(url, "select pg_create_restore_point('between')")
            put(library, "second.txt", b"The log is written in ink.")
            execute(url, "select pg_switch_wal()")
            wait_until(url, "select archived_count > 0 from pg_stat_archiver")
            back_up_incrementally(library.database, library.blobs, str(tmp_path / "states"))
            library.database.engine.dispose()
        (folder / "base" / "recovery.signal").touch()
        give_to_server(folder / "base" / "recovery.signal")
        target = ("recovery_target_name=between", "recovery_target_action=promote")
        restoring = (*FAST, f"restore_command=cp {log}/%f %p", *target)
        with serving_cluster(binaries, folder / "base", restoring) as url:
            wait_until(url, "select not pg_is_in_recovery()")
            restore_state(str(tmp_path / "states"), tmp_path / "again")
            again = open_library(url, tmp_path / "again")
            assert filenames(again) == {"first.txt"}
            store = ScrubDependencies(again.database, again.blobs, tmp_path / "again")
            report = scrub(store)
            assert (report.is_sound, report.originals) == (True, 1)
            again.database.engine.dispose()
