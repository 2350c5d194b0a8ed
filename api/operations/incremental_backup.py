"""`footnote backup --incremental`: states of a store in a folder or bucket, each original once.

TARGET/blobs/ab/abcd...                 the originals that any state names
TARGET/states/TIME-RANDOM/footnote.db   a copy of the database; not for PostgreSQL
TARGET/states/TIME-RANDOM/manifest.json written last: a state without one is none
"""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from api.operations.backup import checked_originals, try_repeatedly
from api.operations.backup_archive import (
    DATABASE,
    MANIFEST,
    POSTGRES_NOTE,
    BackupError,
    BackupReport,
    Member,
    Members,
    measure,
    path_of,
    read_manifest,
    report,
    write_manifest,
)
from api.operations.restore import restore_members
from index.db.database import Database
from index.db.tables.base import utc_now
from index.storage.blob_store import Blobs, sync_folder
from index.storage.digests import BLOCK, RunningDigest, blocks_of


@dataclass(frozen=True, slots=True)
class IncrementalReport:
    """The content of one state, and how much of it was new."""

    state: str
    originals: int
    copied: int
    """Originals that no earlier state had brought."""
    copied_bytes: int
    database: bool
    """False for PostgreSQL, whose part its own tools make."""
    notes: tuple[str, ...] = ()


class BackupTarget:
    """A folder, or any place that fsspec knows by URL."""

    def __init__(self, target: str) -> None:
        import fsspec

        self._files, self._root = fsspec.core.url_to_fs(target, use_listings_cache=False)
        self._is_local = "file" in _protocols(self._files)

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the files below a folder with their sizes in bytes."""
        start = f"{self._root.rstrip('/')}/"
        details = self._files.find(f"{start}{folder}", detail=True)
        return {path.removeprefix(start): int(info["size"]) for path, info in details.items()}

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading."""
        file: BinaryIO = self._files.open(f"{self._root}/{path}", "rb")
        return file

    def write(self, path: str, blocks: Iterable[bytes]) -> None:
        """Write a file aside and put it in its place; a power cut leaves it whole or away."""
        target = f"{self._root}/{path}"
        partial = f"{target}.part"
        self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        try:
            with self._files.open(partial, "wb") as file:
                for block in blocks:
                    file.write(block)
            if self._is_local:
                _sync_file(Path(partial))
            self._files.mv(partial, target)
        except BaseException:  # whatever happened, nothing half-written stays
            if self._files.exists(partial):
                self._files.rm(partial)
            raise
        if self._is_local:
            sync_folder(Path(target).parent)


def back_up_incrementally(
    database: Database, blobs: Blobs, target: str, *, is_rereading: bool = False
) -> IncrementalReport:
    """Add a state of the store to a folder or bucket; the service may run meanwhile.

    Everything is checked before it is written and read back afterwards; ``is_rereading`` reads
    back what earlier states brought, too.

    Raises:
        BackupError: the store or the backup is damaged; no state is added.

    """
    place = BackupTarget(target)
    return try_repeatedly(
        lambda folder: _add_state(database, blobs, place, folder, is_rereading=is_rereading)
    )


def restore_state(target: str, data: Path, state: str | None = None) -> BackupReport:
    """Make a new data folder of a state: the newest, or the one that is named.

    Raises:
        BackupError: there is no such state, it is damaged, or the folder is not empty.

    """
    place = BackupTarget(target)
    name = state or max(states_of(place), default="")
    if name not in states_of(place):
        raise BackupError(f"There is no state {name!r} in {target}.")

    def unpack(folder: Path) -> Members:
        with closing(place.open(f"states/{name}/{MANIFEST}")) as file:
            members = read_manifest(file)
        for path in members:
            source = f"states/{name}/{path}" if path == DATABASE else path
            _fetch(place, source, folder / path)
        return members

    return report(Path(target) / "states" / name, restore_members(unpack, data))


def states_of(place: BackupTarget) -> list[str]:
    """Return the names of the states, the oldest first."""
    return sorted(
        path.split("/")[1] for path in place.sizes("states") if path.endswith(f"/{MANIFEST}")
    )


def _add_state(
    database: Database, blobs: Blobs, place: BackupTarget, folder: Path, *, is_rereading: bool
) -> IncrementalReport:
    originals = checked_originals(database, folder)
    present = place.sizes("blobs")
    new_names = [
        name for name, member in originals.items() if present.get(path_of(name)) != member.size
    ]
    for name in new_names:
        with closing(blobs.open(name)) as original:
            place.write(path_of(name), _checked(name, originals[name], original))
    for name in originals if is_rereading else new_names:
        _read_back(place, path_of(name), originals[name])
    members: Members = {path_of(name): member for name, member in originals.items()}
    state = f"{utc_now():%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"  # names sort by time
    if database.sqlite:
        members[DATABASE] = measure(folder / DATABASE)
        with (folder / DATABASE).open("rb") as file:
            place.write(f"states/{state}/{DATABASE}", blocks_of(file))
        _read_back(place, f"states/{state}/{DATABASE}", members[DATABASE])
    place.write(f"states/{state}/{MANIFEST}", [write_manifest(members)])
    return IncrementalReport(
        state, len(originals), len(new_names), sum(originals[name].size for name in new_names),
        database.sqlite, () if database.sqlite else (POSTGRES_NOTE,),
    )  # fmt: skip


def _checked(name: str, member: Member, file: BinaryIO) -> Iterator[bytes]:
    """Yield the blocks of an original; fail at its end where they are not what was accepted."""
    problem = f"The original {name} is damaged: its checksum does not match."
    return _verified_blocks(file, member, problem)


def _read_back(place: BackupTarget, path: str, member: Member) -> None:
    problem = f"{path} is damaged in the backup. Delete it there and run the backup again."
    with closing(place.open(path)) as file:
        for _ in _verified_blocks(file, member, problem):
            pass


def _verified_blocks(file: BinaryIO, member: Member, problem: str) -> Iterator[bytes]:
    """Yield the blocks of a file; raise ``BackupError`` at its end where they are others."""
    digest = RunningDigest()
    yield from digest.passing(blocks_of(file))
    if Member(digest.size, digest.sha256) != member:
        raise BackupError(problem)


def _fetch(place: BackupTarget, source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(place.open(source)) as file, target.open("xb") as copy:
            shutil.copyfileobj(file, copy, BLOCK)
            copy.flush()
            os.fsync(copy.fileno())
    except FileNotFoundError:
        raise BackupError(f"{source} is missing from the backup.") from None


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _protocols(files: Any) -> tuple[str, ...]:
    protocol = files.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)
