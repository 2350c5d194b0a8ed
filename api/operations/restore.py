"""`footnote restore`: an archive becomes a data folder, and only when all of it is verified."""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from api.operations.backup_archive import (
    DATABASE,
    MANIFEST,
    BackupError,
    BackupReport,
    Members,
    measure,
    originals_in,
    path_of,
    read_manifest,
    report,
)
from index.db.sqlite_driver import driver
from index.storage.blob_store import sync_folder

BLOCK = 1 << 20


def restore(archive: Path, data: Path) -> BackupReport:
    """Unpack an archive into a new data folder.

    Every checksum, the database's own integrity and its agreement with the original files are
    verified aside; only then is the folder put in its place.

    Raises:
        BackupError: the folder is not empty, or the archive is damaged or not one of ours.

    """
    return report(archive, restore_members(lambda folder: _unpack(archive, folder), data))


def restore_members(unpack: Callable[[Path], Members], data: Path) -> Members:
    """Let ``unpack`` fill a folder, verify all of it, and put it in place as a new data folder.

    Raises:
        BackupError: the folder is not empty, or what was unpacked is damaged.

    """
    data = data.absolute()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupError(f"{data} is not empty. Restore into a new folder.")
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=data.parent, prefix=".restore-") as folder:
        unpacked = Path(folder) / "data"
        unpacked.mkdir(mode=0o700)
        members = unpack(unpacked)
        _verify(unpacked, members)
        _put_in_place(unpacked, data)
    return members


def _unpack(archive: Path, folder: Path) -> Members:
    with _opened(archive) as tar:
        first = tar.next()
        manifest = tar.extractfile(first) if first and first.name == MANIFEST else None
        if manifest is None:
            raise BackupError("This is not a Footnote backup: it does not begin with a manifest.")
        members = read_manifest(manifest)
        for info in tar:
            if info.name == MANIFEST:
                continue
            source = tar.extractfile(info) if info.name in members and info.isfile() else None
            if source is None:
                raise BackupError(f"The archive holds {info.name!r}, which its manifest lacks.")
            _write(folder / info.name, source)
    return members


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(archive) as tar:
            yield tar
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"{archive} cannot be read: {error}.") from error


def _write(path: Path, source: IO[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        shutil.copyfileobj(source, file, BLOCK)
        file.flush()
        os.fsync(file.fileno())


def _verify(folder: Path, members: Members) -> None:
    for name, member in members.items():
        path = folder / name
        if not path.exists() or measure(path) != member:
            raise BackupError(f"{name} is missing from the archive or damaged.")
    if DATABASE not in members:
        return
    with closing(driver().connect(folder / DATABASE)) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise BackupError(f"The database in the archive is damaged: {answer}.")
    original_paths = {path_of(blob) for blob in originals_in(folder / DATABASE)}
    if original_paths != set(members) - {DATABASE}:
        raise BackupError("The database and the original files in the archive do not agree.")


def _put_in_place(unpacked: Path, data: Path) -> None:
    for path in (unpacked, *unpacked.rglob("*")):
        if path.is_dir():
            sync_folder(path)
    if data.exists():
        data.rmdir()
    unpacked.rename(data)
    sync_folder(data.parent)
