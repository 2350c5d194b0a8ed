"""A folder as a source: what is in it, without following one symbolic link."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.storage.digests import RunningDigest, blocks_of
from index.types import EVERYONE, AccessList


@dataclass(frozen=True, slots=True)
class Permissions:
    """The POSIX owner, group and mode of a file or folder."""

    mode: int
    user: int
    group: int


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A regular file below the folder, as one look saw it."""

    path: str
    """Relative to the folder, with ``/``."""
    size: int
    changed_at: int
    """Nanoseconds; grows with every change of content or permissions."""
    permissions: Permissions
    folders: tuple[Permissions, ...] = ()
    """Of the folders that it is in, from the source's own folder down."""


def look(folder: Path) -> dict[str, FolderFile]:
    """Return the files below a folder by path; links and names that begin with a dot are left.

    Raises:
        OSError: the folder, or one below it, cannot be listed: then nothing is known of it.

    """

    def fail(error: OSError) -> None:
        raise error

    files = {}
    above: dict[Path, tuple[Permissions, ...]] = {}
    for base, folders, names, descriptor in os.fwalk(folder, onerror=fail, follow_symlinks=False):
        way = (*above.get(Path(base).parent, ()), _permissions(os.fstat(descriptor)))
        above[Path(base)] = way
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            with suppress(FileNotFoundError):  # it went while we looked
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(status.st_mode):
                    path = (Path(base) / name).relative_to(folder).as_posix()
                    files[path] = FolderFile(
                        path, status.st_size, max(status.st_mtime_ns, status.st_ctime_ns),
                        _permissions(status), way,
                    )  # fmt: skip
    return files


def open_below(folder: Path, path: str) -> BinaryIO:
    """Open a file below a folder; a link put in its way, or in its folders', is refused.

    Raises:
        OSError: it is not there, or a part of the path is a link.

    """
    *parents, name = path.split("/")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for parent in parents:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            below = os.open(parent, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    return os.fdopen(file, "rb")


def sha256_below(folder: Path, path: str) -> str:
    """Return the SHA-256 of a file below a folder."""
    digest = RunningDigest()
    for _ in digest.passing(blocks_below(folder, path)):
        pass
    return digest.sha256


def blocks_below(folder: Path, path: str) -> Iterator[bytes]:
    """Yield a file below a folder in blocks."""
    with open_below(folder, path) as file:
        yield from blocks_of(file)


def posix_access(file: FolderFile, others: AccessList, owner: str) -> AccessList:
    """Map a file's permissions: its user and group by number, the source's list for all others.

    ``user:posix-1000`` and ``group:posix/100`` are principals to register members in; the source's
    owner keeps access. As in POSIX, who is the user, or in the group, has only what that class
    has, and needs to pass each folder on the way from the source's own down. Where this cannot be
    said exactly, fewer may read. Access control lists beyond the mode are not looked at.
    """
    access = _who(file.permissions, _READ, others, owner)
    for folder in file.folders:
        passes = _who(folder, _PASS, AccessList(frozenset({EVERYONE})), owner)
        access = access.narrow(passes, owner)
    return access


_READ = (stat.S_IRUSR, stat.S_IRGRP, stat.S_IROTH)
_PASS = (stat.S_IXUSR, stat.S_IXGRP, stat.S_IXOTH)


def _who(
    permissions: Permissions, bits: tuple[int, int, int], others: AccessList, owner: str
) -> AccessList:
    """Return who has a right, given its bits for the user, the group and all others."""
    user, group = f"user:posix-{permissions.user}", f"group:posix/{permissions.group}"
    user_may, group_may, others_may = (bool(permissions.mode & bit) for bit in bits)
    allow, deny = {owner}, set(others.deny)
    if user_may:
        allow.add(user)
    elif group_may or others_may:
        deny.add(user)
    if group_may:
        allow.add(group)
    elif others_may:
        deny.add(group)
    if others_may:
        allow |= others.allow or {EVERYONE}
    return AccessList.of(allow, deny)


def _permissions(status: os.stat_result) -> Permissions:
    return Permissions(status.st_mode, status.st_uid, status.st_gid)
