"""A folder as a source: what is in it, without following one symbolic link."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.types import EVERYONE, AccessList

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A regular file below the folder, as one look saw it."""

    path: str
    """Relative to the folder, with ``/``."""
    size: int
    changed: int
    """Nanoseconds; grows with every change of content or permissions."""
    mode: int
    user: int
    group: int


def look(folder: Path) -> dict[str, FolderFile]:
    """Return the files below a folder by path; links and names that begin with a dot are left.

    Raises:
        OSError: the folder, or one below it, cannot be listed: then nothing is known of it.

    """

    def fail(error: OSError) -> None:
        raise error

    found = {}
    for base, folders, names, descriptor in os.fwalk(folder, onerror=fail, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in names if not name.startswith(".")):
            with suppress(FileNotFoundError):  # it went while we looked
                seen = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                if stat.S_ISREG(seen.st_mode):
                    path = (Path(base) / name).relative_to(folder).as_posix()
                    found[path] = FolderFile(
                        path, seen.st_size, max(seen.st_mtime_ns, seen.st_ctime_ns),
                        seen.st_mode, seen.st_uid, seen.st_gid,
                    )  # fmt: skip
    return found


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
    with open_below(folder, path) as file:
        digest = hashlib.sha256()
        while block := file.read(BLOCK):
            digest.update(block)
        return digest.hexdigest()


def blocks_below(folder: Path, path: str) -> Iterator[bytes]:
    """Yield a file below a folder in blocks."""
    with open_below(folder, path) as file:
        while block := file.read(BLOCK):
            yield block


def posix_access(file: FolderFile, others: AccessList, owner: str) -> AccessList:
    """Map a file's permissions: its user and group by number, the source's list for all others.

    ``user:posix-1000`` and ``group:posix/100`` are principals to register members in; the source's
    owner keeps access. Access control lists beyond the mode are not looked at.
    """
    allow = {owner}
    if file.mode & stat.S_IRUSR:
        allow.add(f"user:posix-{file.user}")
    if file.mode & stat.S_IRGRP:
        allow.add(f"group:posix/{file.group}")
    if file.mode & stat.S_IROTH:
        allow |= others.allow or {EVERYONE}
    return AccessList.of(allow, others.deny)
