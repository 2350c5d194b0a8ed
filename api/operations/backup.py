"""`footnote backup`: a consistent archive of a store, made while the service runs."""

import hashlib
import io
import os
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import IO, BinaryIO, cast

from sqlalchemy import select

from api.operations.backup_archive import (
    DATABASE,
    MANIFEST,
    BackupError,
    BackupReport,
    Member,
    Members,
    measure,
    originals_in,
    path_of,
    report,
    write_manifest,
)
from index.db.database import Database
from index.db.sqlite_driver import driver
from index.db.tables.base import utc_now
from index.db.tables.documents import Version
from index.errors import NotFoundError
from index.storage.blob_store import Blobs, sync_folder

ATTEMPTS = 5


def backup(database: Database, blobs: Blobs, target: Path) -> BackupReport:
    """Write an archive to ``target``; the service may run meanwhile.

    Every original is checked against its SHA-256 on the way. A document that is deleted in the
    middle makes the attempt start anew, so the archive never refers to what it lacks.

    Raises:
        BackupError: the target exists, or an original is missing or damaged.

    """
    target = target.absolute()
    if target.exists():
        raise BackupError(f"{target} is there already. Name a file that does not exist.")
    if not target.parent.is_dir():
        raise BackupError(f"The folder {target.parent} does not exist.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        members = _try_repeatedly(database, blobs, Path(folder))
        _publish(Path(folder) / "archive", target)
    return report(target, members)


def _try_repeatedly(database: Database, blobs: Blobs, folder: Path) -> Members:
    for _ in range(ATTEMPTS):
        try:
            return _write_archive(database, blobs, folder)
        except NotFoundError:
            continue  # a document was deleted after the database was copied
    raise BackupError("An original file that the database names is missing from the store.")


def _write_archive(database: Database, blobs: Blobs, folder: Path) -> Members:
    members: Members = {}
    if database.sqlite:
        copy_database(database, folder / DATABASE)
        members[DATABASE] = measure(folder / DATABASE)
        originals = originals_in(folder / DATABASE)
    else:
        originals = _originals_now(database)
    members |= {path_of(name): member for name, member in originals.items()}
    with tarfile.open(folder / "archive", mode="w") as tar:
        manifest = write_manifest(members)
        _add(tar, MANIFEST, len(manifest), io.BytesIO(manifest))
        if database.sqlite:
            with (folder / DATABASE).open("rb") as file:
                _add(tar, DATABASE, members[DATABASE].size, file)
        for name, member in originals.items():
            with closing(blobs.open(name)) as original:
                _add_checked(tar, path_of(name), member, original)
    return members


def copy_database(database: Database, copy: Path) -> None:
    """Copy through SQLite's online backup: one moment, without stopping writers."""
    copy.unlink(missing_ok=True)
    with database.engine.connect() as connection, closing(driver().connect(copy)) as target:
        source = connection.connection.driver_connection
        assert source is not None
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, no journal beside it


def _originals_now(database: Database) -> Members:
    with database.read() as session:
        rows = session.execute(select(Version.blob, Version.size, Version.sha256)).all()
    return {row.blob: Member(row.size, row.sha256) for row in rows}


def _add(tar: tarfile.TarFile, name: str, size: int, file: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(utc_now().timestamp())
    tar.addfile(info, file)


def _add_checked(tar: tarfile.TarFile, name: str, member: Member, file: BinaryIO) -> None:
    reader = _HashingReader(file)
    try:
        _add(tar, name, member.size, cast("IO[bytes]", reader))
    except OSError as error:
        raise BackupError(f"The original {name} cannot be read: {error}.") from error
    if reader.digest.hexdigest() != member.sha256 or file.read(1):
        raise BackupError(f"The original {name} is damaged: its checksum does not match.")


class _HashingReader:
    """Hashes what is read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """Read and hash up to ``size`` bytes."""
        block = self._file.read(size)
        self.digest.update(block)
        return block


def _publish(partial: Path, target: Path) -> None:
    partial.chmod(0o600)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(target)
    sync_folder(target.parent)
