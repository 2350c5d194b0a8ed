"""Backups are proved by restoring them."""

import io
import json
import tarfile

import pytest
from sqlalchemy import func, select

from api.operations.backup import backup
from api.operations.backup_archive import BackupError
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

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")


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
