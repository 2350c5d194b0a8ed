"""Original files: a port with a folder and an object store behind it."""

import math
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from index.errors import NotFoundError
from index.storage.durable_files import Files

MARK = "footnote-store.json"
"""The file beside the blobs that names the store they belong to."""

TRASH = "trash"
"""The folder beside the blobs for what a sweep removed, one folder inside it for each day."""


class Blobs(Protocol):
    """Write-once storage of bytes under names that we choose, never the user."""

    def put(self, blocks: Iterable[bytes]) -> str:
        """Store the blocks durably and return the new blob's name; on error nothing is kept."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a blob for reading; NotFoundError if it is not there."""
        ...

    def delete(self, name: str) -> None:
        """Remove a blob; one that is gone already is fine."""
        ...


def _last_written(path: Path) -> float:
    """Return when a file was last written; infinity if it is gone by now."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return math.inf


class FolderBlobs:
    """A folder on this machine: written aside, fsynced, renamed, and the folder fsynced."""

    def __init__(self, folder: Path, *, files: Files | None = None) -> None:
        self._folder = folder
        self._files = files or Files()
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, blocks: Iterable[bytes]) -> str:
        """Store durably: when this returns, a power cut loses nothing."""
        name = secrets.token_hex(16)
        target = self._path(name)
        if not target.parent.exists():
            self._files.make_folder(target.parent)
            self._files.sync_folder(self._folder)
        partial = target.with_suffix(".part")
        try:
            with self._files.create(partial) as file:
                for block in blocks:
                    file.write(block)
                self._files.sync(file)
            self._files.rename(partial, target)
        except BaseException:  # whatever happened, nothing half-written stays
            partial.unlink(missing_ok=True)
            raise
        self._files.sync_folder(target.parent)
        return name

    def open(self, name: str) -> BinaryIO:
        """Open for reading."""
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            raise NotFoundError from None

    def delete(self, name: str) -> None:
        """Remove the file."""
        self._path(name).unlink(missing_ok=True)

    def names(self, *, older_than: float = math.inf) -> list[str]:
        """List the blobs last written before a moment, in seconds since the epoch."""
        return sorted(
            path.name
            for path in self._folder.glob("??/*")
            if path.suffix != ".part" and _last_written(path) < older_than
        )

    def read_mark(self) -> bytes | None:
        """Return the mark of the store; none where there is none."""
        try:
            return (self._folder / MARK).read_bytes()
        except FileNotFoundError:
            return None

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark durably."""
        partial = self._folder / f"{MARK}.{secrets.token_hex(4)}.part"
        with self._files.create(partial) as file:
            file.write(mark)
            self._files.sync(file)
        self._files.rename(partial, self._folder / MARK)
        self._files.sync_folder(self._folder)

    def discard(self, name: str, day: date) -> None:
        """Move a blob to the trash."""
        target = self._folder / TRASH / day.isoformat() / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            self._files.rename(self._path(name), target)

    def list_trash(self) -> dict[str, date]:
        """Return the blobs in the trash, each with the day on which it came there."""
        return _by_day(str(path) for path in (self._folder / TRASH).glob("*/*"))

    def recover(self, name: str) -> None:
        """Put a blob of the trash back."""
        target = self._path(name)
        target.parent.mkdir(exist_ok=True)
        self._files.rename(self._in_trash(name), target)
        self._files.sync_folder(target.parent)

    def delete_trashed(self, name: str) -> None:
        """Delete a blob of the trash for good."""
        path = self._in_trash(name)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # others are left in it
            path.parent.rmdir()

    def _in_trash(self, name: str) -> Path:
        day = self.list_trash().get(name)
        if day is None:
            raise NotFoundError
        return self._folder / TRASH / day.isoformat() / name

    def discard_partial(self, *, older_than: float) -> int:
        """Delete half-written blobs of processes that died; return their number."""
        partial_files = [
            path for path in self._folder.glob("??/*.part") if _last_written(path) < older_than
        ]
        for path in partial_files:
            path.unlink(missing_ok=True)
        return len(partial_files)

    def _path(self, name: str) -> Path:
        if not name.isalnum():
            raise NotFoundError
        return self._folder / name[:2] / name


class FsspecBlobs:
    """Any file system fsspec knows; the operator configures the root, users never do."""

    def __init__(self, root: str) -> None:
        import fsspec

        # other processes write too, so an earlier listing is out of date
        self._files, self._root = fsspec.core.url_to_fs(root, use_listings_cache=False)

    def put(self, blocks: Iterable[bytes]) -> str:
        """Upload under a temporary name, then move; the object store makes it durable."""
        name = secrets.token_hex(16)
        target = self._path(name)
        self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        try:
            with self._files.open(f"{target}.part", "wb") as file:
                for block in blocks:
                    file.write(block)
            self._files.mv(f"{target}.part", target)
        except BaseException:  # whatever happened, nothing half-written stays
            if self._files.exists(f"{target}.part"):
                self._files.rm(f"{target}.part")
            raise
        return name

    def open(self, name: str) -> BinaryIO:
        """Open for reading."""
        try:
            file: BinaryIO = self._files.open(self._path(name), "rb")
        except FileNotFoundError:
            raise NotFoundError from None
        return file

    def delete(self, name: str) -> None:
        """Remove the object."""
        if self._files.exists(self._path(name)):
            self._files.rm(self._path(name))

    def names(self, *, older_than: float = math.inf) -> list[str]:
        """List the blobs last written before a moment, in seconds since the epoch.

        One whose age the store does not tell is never older than a given moment.
        """
        details = self._files.find(self._root, detail=True)
        names = {
            path.rsplit("/", 1)[-1]: _time_written(details[path])
            for path in details
            if _is_blob(path)
        }
        return sorted(
            name
            for name, at in names.items()
            if not name.endswith(".part") and (at < older_than or older_than == math.inf)
        )

    def read_mark(self) -> bytes | None:
        """Return the mark of the store; none where there is none."""
        try:
            mark: bytes = self._files.cat_file(f"{self._root}/{MARK}")
        except FileNotFoundError:
            return None
        return mark

    def write_mark(self, mark: bytes) -> None:
        """Replace the mark; an object store replaces an object in one step."""
        self._files.makedirs(self._root, exist_ok=True)
        self._files.pipe_file(f"{self._root}/{MARK}", mark)

    def discard(self, name: str, day: date) -> None:
        """Move a blob to the trash."""
        folder = f"{self._root}/{TRASH}/{day.isoformat()}"
        self._files.makedirs(folder, exist_ok=True)
        if self._files.exists(self._path(name)):
            self._files.mv(self._path(name), f"{folder}/{name}")

    def list_trash(self) -> dict[str, date]:
        """Return the blobs in the trash, each with the day on which it came there."""
        return _by_day(self._files.find(f"{self._root}/{TRASH}"))

    def recover(self, name: str) -> None:
        """Put a blob of the trash back."""
        target = self._path(name)
        source = self._in_trash(name)
        self._files.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
        self._files.mv(source, target)

    def delete_trashed(self, name: str) -> None:
        """Delete a blob of the trash for good."""
        self._files.rm(self._in_trash(name))

    def _in_trash(self, name: str) -> str:
        day = self.list_trash().get(name)
        if day is None:
            raise NotFoundError
        return f"{self._root}/{TRASH}/{day.isoformat()}/{name}"

    def discard_partial(self, *, older_than: float) -> int:
        """Delete half-written blobs of processes that died; return their number."""
        details = self._files.find(self._root, detail=True)
        partial_files = [
            path
            for path in details
            if path.endswith(".part") and _time_written(details[path]) < older_than
        ]
        for path in partial_files:
            self._files.rm(path)
        return len(partial_files)

    def _path(self, name: str) -> str:
        if not name.isalnum():
            raise NotFoundError
        return f"{self._root}/{name[:2]}/{name}"


def _is_blob(path: str) -> bool:
    """Tell whether a path is that of a blob: the mark and the trash are none."""
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] == name[:2]


def _by_day(paths: Iterable[str]) -> dict[str, date]:
    """Return the names at the ends of paths ``.../YYYY-MM-DD/name``, each with its day."""
    days = {}
    for path in paths:
        _, folder, name = path.rsplit("/", 2)
        with suppress(ValueError):  # somebody else's file
            days[name] = date.fromisoformat(folder)
    return days


def _time_written(info: Mapping[str, Any]) -> float:
    """Return when a file was last written, by the names that fsspec's file systems give it."""
    at = next((info[name] for name in ("LastModified", "mtime", "created") if name in info), None)
    if at is None:
        return math.inf
    return at.timestamp() if isinstance(at, datetime) else float(at)


def sync_folder(folder: Path) -> None:
    """Make a rename or a new file in ``folder`` survive a power cut."""
    Files().sync_folder(folder)


BlobStore = FolderBlobs | FsspecBlobs
"""A blob store with a mark and a trash: the two implementations share one contract test."""
