"""Backups are proved by restoring them."""

import io
import json
import tarfile

import pytest
from sqlalchemy import func, select

from api.cli import main
from api.operations.backup import backup, copy_database, read_back, verify_copy
from api.operations.backup_archive import BackupError, read_manifest
from api.operations.incremental_backup import (
    BackupTarget,
    back_up_incrementally,
    restore_state,
    states_of,
)
from api.operations.restore import restore
from index.db.database import Database
from index.db.sqlite_driver import driver
from index.db.tables.base import Base
from index.db.tables.documents import Document, Version
from index.errors import NotFoundError
from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.types import Actor, Scope
from ingest.lifecycle.management import delete_document
from ingest.upload import Upload, accept

ANN = Actor(Scope.of("default", ["user:ann", "group:keepers/all"]), "user:ann")


def open_library(folder):
    database = Database.in_folder(folder)
    database.create()
    blobs = FolderBlobs(folder / "blobs")
    return Library(database, blobs, folder / "index", model="fake", dimension=4)


@pytest.fixture
def library(tmp_path):
    library = open_library(tmp_path / "data")
    for number in range(3):
        put(library, f"note-{number}.txt", b"The lamp is lit before sunset. " * (number + 1))
    yield library
    library.database.engine.dispose()


def put(library, filename, content):
    upload = Upload(filename=filename, blocks=[content], allow=["group:keepers/all"])
    return accept(library, ANN, upload, limit_bytes=1 << 20)


def rows_of(database):
    with database.read() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def contents_of(library):
    with library.database.read() as session:
        names = session.scalars(select(Version.blob).order_by(Version.blob)).all()
    found = {}
    for name in names:
        with library.blobs.open(name) as file:
            found[name] = file.read()
    return found


def rewrite(archive, target, change):
    """Copy an archive, letting ``change`` replace the bytes of each member."""
    with tarfile.open(archive) as source, tarfile.open(target, "w") as copy:
        for info in source:
            content = change(info.name, source.extractfile(info).read())
            if content is not None:
                info.size = len(content)
                copy.addfile(info, io.BytesIO(content))
    return target


def test_a_restored_store_equals_the_one_that_was_backed_up(library, tmp_path):
    report = backup(library.database, library.blobs, tmp_path / "b.tar")
    assert (report.originals, report.database, report.notes) == (3, True, ())
    restore(tmp_path / "b.tar", tmp_path / "again")
    again = open_library(tmp_path / "again")
    assert rows_of(again.database) == rows_of(library.database)
    assert contents_of(again) == contents_of(library)
    assert len(contents_of(again)) == 3
    again.database.engine.dispose()


def test_a_backup_taken_while_others_write_holds_one_moment(library, tmp_path):
    with library.database.write() as session:
        backup_of_before = backup(library.database, library.blobs, tmp_path / "b.tar")
        session.execute(Document.__table__.update().values(title="halfway"))
    assert backup_of_before.originals == 3
    restore(tmp_path / "b.tar", tmp_path / "again")
    with driver().connect(tmp_path / "again" / "footnote.db") as connection:
        titles = {row[0] for row in connection.execute("select title from documents")}
    connection.close()
    assert titles == {"note-0.txt", "note-1.txt", "note-2.txt"}


def test_a_document_deleted_in_the_middle_starts_the_backup_anew(library, tmp_path):
    with library.database.read() as session:
        doomed = session.scalars(select(Document.id)).first()

    class DeletingBlobs:
        """Deletes a document the first time an original is opened."""

        deleted = False

        def open(self, name):
            if not self.deleted:
                self.deleted = True
                delete_document(library, ANN, doomed)
            return library.blobs.open(name)

    report = backup(library.database, DeletingBlobs(), tmp_path / "b.tar")
    assert report.originals == 2
    restore(tmp_path / "b.tar", tmp_path / "again")
    again = open_library(tmp_path / "again")
    with again.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 2
    again.database.engine.dispose()


def test_a_missing_original_is_reported_and_leaves_no_archive(library, tmp_path):
    name = next(iter(contents_of(library)))
    library.blobs.delete(name)
    with pytest.raises(BackupError, match="missing from the store"):
        backup(library.database, library.blobs, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()
    assert not list(tmp_path.glob(".backup-*"))
    with pytest.raises(NotFoundError):
        library.blobs.open(name)


def test_a_damaged_original_is_noticed_when_it_is_backed_up(library, tmp_path):
    path = next((tmp_path / "data" / "blobs").glob("??/*"))
    path.write_bytes(b"X" + path.read_bytes()[1:])
    with pytest.raises(BackupError, match="damaged"):
        backup(library.database, library.blobs, tmp_path / "b.tar")


def test_a_file_that_is_there_is_never_overwritten(library, tmp_path):
    (tmp_path / "b.tar").write_text("precious")
    with pytest.raises(BackupError, match="already"):
        backup(library.database, library.blobs, tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_text() == "precious"


def test_a_folder_that_holds_something_is_never_restored_over(library, tmp_path):
    backup(library.database, library.blobs, tmp_path / "b.tar")
    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "b.tar", tmp_path / "data")


@pytest.mark.parametrize("part", ["footnote.db", "blobs/"])
def test_a_flipped_byte_refuses_the_whole_restore(library, tmp_path, part):
    backup(library.database, library.blobs, tmp_path / "b.tar")

    def flip(name, content):
        return content[:-1] + bytes([content[-1] ^ 1]) if name.startswith(part) else content

    bad = rewrite(tmp_path / "b.tar", tmp_path / "bad.tar", flip)
    with pytest.raises(BackupError, match="damaged"):
        restore(bad, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_manifest_cannot_write_outside_the_data_folder(library, tmp_path):
    backup(library.database, library.blobs, tmp_path / "b.tar")

    def climb(name, content):
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        manifest["files"]["../evil"] = {"size": 1, "sha256": "0"}
        return json.dumps(manifest).encode()

    bad = rewrite(tmp_path / "b.tar", tmp_path / "bad.tar", climb)
    with pytest.raises(BackupError, match="no backup of ours"):
        restore(bad, tmp_path / "again")


def test_an_original_that_the_archive_lacks_is_noticed(library, tmp_path):
    backup(library.database, library.blobs, tmp_path / "b.tar")
    bad = rewrite(
        tmp_path / "b.tar",
        tmp_path / "bad.tar",
        lambda name, content: None if name.startswith("blobs/") else content,
    )
    with pytest.raises(BackupError, match="missing from the archive"):
        restore(bad, tmp_path / "again")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b broken"])
def test_something_else_than_a_backup_is_refused_with_a_reason(tmp_path, content):
    (tmp_path / "b.tar").write_bytes(content)
    with pytest.raises(BackupError):
        restore(tmp_path / "b.tar", tmp_path / "again")


@pytest.mark.integration
def test_with_postgresql_the_originals_are_kept_and_pg_dump_is_named(postgres_url, tmp_path):
    database = Database(postgres_url)
    database.create()
    blobs = FolderBlobs(tmp_path / "blobs")
    library = Library(database, blobs, tmp_path / "index", model="fake", dimension=4)
    put(library, "note.txt", b"The lamp is lit before sunset.")
    report = backup(database, blobs, tmp_path / "b.tar")
    assert (report.originals, report.database) == (1, False)
    assert "pg_dump" in report.notes[0]
    restore(tmp_path / "b.tar", tmp_path / "again")
    assert contents_of(library).keys() == set(FolderBlobs(tmp_path / "again" / "blobs").names())
    database.engine.dispose()


def test_a_damaged_database_is_not_called_a_backup(library, tmp_path):
    with library.database.write() as session:
        session.connection().execute(Document.__table__.update().values(title="Lamq"))
    with pytest.raises(BackupError, match="does not match its seal"):
        backup(library.database, library.blobs, tmp_path / "b.tar")
    with pytest.raises(BackupError, match="does not match its seal"):
        back_up_incrementally(library.database, library.blobs, str(tmp_path / "states"))
    assert not (tmp_path / "b.tar").exists()
    assert states_of(BackupTarget(str(tmp_path / "states"))) == []


def test_a_database_that_sqlite_calls_damaged_is_not_called_a_backup(library, tmp_path):
    copy_database(library.database, tmp_path / "copy.db")
    data = bytearray((tmp_path / "copy.db").read_bytes())
    data[8192:8292] = b"\xff" * 100
    (tmp_path / "copy.db").write_bytes(data)
    with pytest.raises(BackupError, match="The database is damaged"):
        verify_copy(tmp_path / "copy.db")


def test_an_archive_that_the_disk_did_not_keep_is_noticed(library, tmp_path):
    backup(library.database, library.blobs, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as tar:
        members = read_manifest(tar.extractfile("manifest.json"))
    bad = rewrite(
        tmp_path / "b.tar",
        tmp_path / "bad.tar",
        lambda name, content: b"X" + content[1:] if name.startswith("blobs/") else content,
    )
    read_back(tmp_path / "b.tar", members)
    with pytest.raises(BackupError, match="not written as it was read"):
        read_back(bad, members)


def test_each_state_of_an_incremental_backup_is_restored_as_it_was(library, tmp_path):
    target = str(tmp_path / "states")
    first = back_up_incrementally(library.database, library.blobs, target)
    before = rows_of(library.database), contents_of(library)
    put(library, "late.txt", b"The log is written in ink.")
    second = back_up_incrementally(library.database, library.blobs, target)
    assert (first.originals, first.copied) == (3, 3)
    assert (second.originals, second.copied, second.copied_bytes) == (4, 1, 26)
    after = rows_of(library.database), contents_of(library)
    for state, expected in ((first.state, before), (None, after)):
        restore_state(target, tmp_path / f"again-{state}", state)
        again = open_library(tmp_path / f"again-{state}")
        assert (rows_of(again.database), contents_of(again)) == expected
        again.database.engine.dispose()


def test_a_state_whose_originals_rotted_is_refused_and_found_by_reading_back(library, tmp_path):
    target = tmp_path / "states"
    back_up_incrementally(library.database, library.blobs, str(target))
    original = next((target / "blobs").glob("??/*"))
    original.write_bytes(b"X" + original.read_bytes()[1:])
    with pytest.raises(BackupError, match="damaged"):
        restore_state(str(target), tmp_path / "again")
    assert not (tmp_path / "again").exists()
    back_up_incrementally(library.database, library.blobs, str(target))
    with pytest.raises(BackupError, match="damaged in the backup"):
        back_up_incrementally(library.database, library.blobs, str(target), is_rereading=True)
    original.write_bytes(b"cut")  # another size is noticed without reading, and mended
    assert back_up_incrementally(library.database, library.blobs, str(target)).copied == 1
    restore_state(str(target), tmp_path / "again")


def test_a_damaged_original_adds_no_state(library, tmp_path):
    name = library.blobs.names()[0]
    path = tmp_path / "data" / "blobs" / name[:2] / name
    path.write_bytes(b"X" + path.read_bytes()[1:])
    target = str(tmp_path / "states")
    with pytest.raises(BackupError, match="its checksum does not match"):
        back_up_incrementally(library.database, library.blobs, target)
    assert states_of(BackupTarget(target)) == []
    assert f"blobs/{name[:2]}/{name}" not in BackupTarget(target).sizes("blobs")


def test_a_state_that_is_not_there_is_said(tmp_path):
    (tmp_path / "states").mkdir()
    with pytest.raises(BackupError, match="There is no state"):
        restore_state(str(tmp_path / "states"), tmp_path / "again")


def test_a_place_that_only_a_url_names_takes_states_too(library, tmp_path):
    target = "memory://footnote-states"
    back_up_incrementally(library.database, library.blobs, target)
    restore_state(target, tmp_path / "again")
    again = open_library(tmp_path / "again")
    assert contents_of(again) == contents_of(library)
    again.database.engine.dispose()


def test_the_commands_make_and_restore_an_incremental_backup(library, tmp_path, capsys):
    target, data = str(tmp_path / "states"), str(tmp_path / "data")
    assert main(["backup", target, "--incremental", "--data", data, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["originals"], report["copied"], report["database"]) == (3, 3, True)
    again = str(tmp_path / "again")
    assert main(["restore", target, "--state", report["state"], "--data", again]) == 0
    assert main(["backup", str(tmp_path / "b.tar"), "--reread", "--data", data]) == 2
