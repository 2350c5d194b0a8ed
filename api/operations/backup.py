"""`footnote backup`: a consistent archive of a store, made while the service runs."""

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

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
from index.integrity.damage import Damage
from index.integrity.database_check import database_damage, unreadable
from index.integrity.row_check import row_damage
from index.storage.blob_store import Blobs, sync_folder
from index.storage.digests import RunningDigest

ATTEMPTS = 5

Result = TypeVar("Result")


def backup(database: Database, blobs: Blobs, target: Path) -> BackupReport:
    """Write an archive to ``target``; the service may run meanwhile.

    The copied database and every original are verified on the way, and the archive is read back.
    A document that is deleted in the middle makes the attempt begin again, so the archive never
    refers to what it lacks.

    Raises:
        BackupError: the target exists, or the database or an original is missing or damaged.

    """
    target = target.absolute()
    if target.exists():
        raise BackupError(f"{target} is there already. Name a file that does not exist.")
    if not target.parent.is_dir():
        raise BackupError(f"The folder {target.parent} does not exist.")
    members = try_repeatedly(
        lambda folder: _write_archive(database, blobs, folder, target), target.parent
    )
    return report(target, members)


def try_repeatedly(write: Callable[[Path], Result], parent: Path | None = None) -> Result:
    """Return the outcome of the first attempt in which no document was deleted in the middle.

    Each attempt gets an empty folder, which goes away at its end.
    """
    for _ in range(ATTEMPTS):
        with tempfile.TemporaryDirectory(dir=parent, prefix=".backup-") as folder:
            try:
                return write(Path(folder))
            except NotFoundError:
                continue  # a document was deleted after the database was copied
    raise BackupError("An original file that the database names is missing from the store.")


def checked_originals(database: Database, folder: Path) -> Members:
    """Return the originals of one moment; the database of that moment is copied and verified.

    Raises:
        BackupError: the database is damaged: a copy of it would be no backup.

    """
    if not database.sqlite:
        _refuse_damage(row_damage(database))
        return _originals_now(database)
    copy = folder / DATABASE
    copy_database(database, copy)
    verify_copy(copy)
    return originals_in(copy)


def verify_copy(copy: Path) -> None:
    """Compare a copied SQLite database with all that it says of itself.

    Raises:
        BackupError: it is damaged.

    """
    database = Database(f"sqlite:///{copy}")
    try:
        _refuse_damage(database_damage(database))
        _refuse_damage(row_damage(database))
    except SQLAlchemyError as error:
        _refuse_damage([unreadable(error)])
    finally:
        database.engine.dispose()
    with closing(driver().connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, no journal beside it


def _refuse_damage(damages: Iterable[Damage]) -> None:
    for one in damages:
        if not one.is_note:
            raise BackupError(
                f"The database is damaged ({one.subject}: {one.detail}), so no backup is made of "
                "it. Run `footnote verify`, and keep your older backups."
            )


def _write_archive(database: Database, blobs: Blobs, folder: Path, target: Path) -> Members:
    originals = checked_originals(database, folder)
    members: Members = {}
    if database.sqlite:
        members[DATABASE] = measure(folder / DATABASE)
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
    read_back(folder / "archive", members)
    _publish(folder / "archive", target)
    return members


def read_back(archive: Path, members: Members) -> None:
    """Compare an archive with what was meant to be in it; a disk that lies is noticed here.

    Raises:
        BackupError: a member differs.

    """
    with tarfile.open(archive) as tar:
        for info in tar:
            source = tar.extractfile(info)
            if info.name == MANIFEST or source is None:
                continue
            digest = hashlib.file_digest(cast("Any", source), "sha256").hexdigest()
            if Member(info.size, digest) != members[info.name]:
                raise BackupError(f"{info.name} was not written as it was read. Look at the disk.")


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
    if reader.digest.sha256 != member.sha256 or file.read(1):
        raise BackupError(f"The original {name} is damaged: its checksum does not match.")


class _HashingReader:
    """Hashes what is read through it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = RunningDigest()

    def read(self, size: int) -> bytes:
        """Read and hash up to ``size`` bytes."""
        block = self._file.read(size)
        self.digest.add(block)
        return block


def _publish(partial: Path, target: Path) -> None:
    partial.chmod(0o600)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(target)
    sync_folder(target.parent)
