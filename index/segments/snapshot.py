"""The index on disk: immutable segment folders under one manifest, swapped atomically.

Everything here can be rebuilt from the database. A file is written aside, fsynced, renamed, and
its folder fsynced; the manifest comes last, so a crash leaves the old one or the new one.
"""

import json
import logging
import os
import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import CorruptSnapshotError
from index.segments.memory_index import IndexView
from index.segments.merge_policy import LiveSegment
from index.segments.segment import Segment
from index.storage.durable_files import Files
from index.text.analyzer import ANALYSER_VERSION

FORMAT = 3
MANIFEST = "manifest.json"
BLOCK = 1 << 22

READERS = 8
"""Files whose checksums are verified side by side when a snapshot is opened."""

log = logging.getLogger(__name__)


class Snapshots:
    """The snapshots of one model's index in one folder; one process publishes at a time."""

    def __init__(
        self, folder: Path, *, store: str, model: str, dimension: int, files: Files | None = None
    ) -> None:
        self.folder = folder
        self._files = files or Files()
        self._identity = {
            "format": FORMAT,
            "store": store,
            "model": model,
            "dimension": dimension,
            "analyser": ANALYSER_VERSION,
        }
        self._names: dict[int, tuple[Segment, str]] = {}

    def load(self) -> IndexView | None:
        """Return the newest snapshot's view, memory-mapped; none when there is none to trust.

        A snapshot of another model, analyser or format is not used. One whose checksums do not
        match is reported and left aside: the caller rebuilds from the database.
        """
        for _ in range(3):
            try:
                return self._load()
            except FileNotFoundError:
                continue  # another process has just published and swept; read its manifest
            except (CorruptSnapshotError, ValueError, KeyError) as error:
                log.warning("snapshot refused, rebuilding", extra={"reason": str(error)})
                return None
        return None

    def save(self, view: IndexView) -> bool:
        """Publish a view; false when another process is publishing just now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            if not _try_lock(lock.fileno()):
                return False
            self._publish(view)
        return True

    def _load(self) -> IndexView | None:
        path = self.folder / MANIFEST
        if not path.exists():
            return None
        manifest = read_manifest(path)
        if {key: manifest[key] for key in self._identity} != self._identity:
            return None
        with ThreadPoolExecutor(READERS, "verify") as pool:
            segments = [self._open_segment(entry, pool) for entry in manifest["segments"]]
        return IndexView(manifest["seq"], tuple(segments))

    def _open_segment(self, entry: dict[str, Any], pool: Executor) -> LiveSegment:
        folder = self.folder / safe_name(entry["name"])
        names = [field.name for field in fields(Segment)]
        paths = [folder / f"{name}.npy" for name in names]
        arrays = pool.map(_open_array, paths, [entry["files"][name] for name in names])
        segment = Segment(**dict(zip(names, arrays, strict=True)))
        self._names[id(segment)] = (segment, entry["name"])
        alive_path = self.folder / safe_name(entry["alive"]["name"])
        alive = _open_array(alive_path, entry["alive"]["checksum"])
        return segment, np.array(alive, dtype=np.bool_)

    def _publish(self, view: IndexView) -> None:
        path = self.folder / MANIFEST
        published = {entry["name"]: entry["files"] for entry in _read_published(path)}
        entries = [self._write_segment(live_segment, published) for live_segment in view.segments]
        body = {**self._identity, "seq": view.seq, "segments": entries}
        text = json.dumps({"checksum": _checksum_text(body), "body": body})
        self._write_file(path, text.encode())
        self._sweep(entries)

    def _write_segment(
        self, live_segment: LiveSegment, published: dict[str, Any]
    ) -> dict[str, Any]:
        segment, alive = live_segment
        name = self._names.get(id(segment), (segment, ""))[1]
        files = published.get(name) or {}
        if not files:
            name = f"segment-{os.urandom(8).hex()}"
            folder = self.folder / name
            self._files.make_folder(folder)
            files = {
                field: self._write_array(folder / f"{field}.npy", array)
                for field, array in segment.arrays().items()
            }
            self._files.sync_folder(folder)
            self._names[id(segment)] = (segment, name)
        alive_name = f"alive-{os.urandom(8).hex()}.npy"
        checksum = self._write_array(self.folder / alive_name, alive)
        return {"name": name, "files": files, "alive": {"name": alive_name, "checksum": checksum}}

    def _sweep(self, entries: list[dict[str, Any]]) -> None:
        current = {entry["name"] for entry in entries} | {e["alive"]["name"] for e in entries}
        for path in self.folder.iterdir():
            if path.name in current or not path.name.startswith(("segment-", "alive-")):
                continue
            self._files.remove(path)
        self._names = {key: entry for key, entry in self._names.items() if entry[1] in current}

    def _write_array(self, path: Path, array: NDArray[Any]) -> int:
        partial = path.with_suffix(".part")
        with self._files.create(partial) as file:
            np.save(file, array, allow_pickle=False)
            self._files.sync(file)
        checksum = checksum_file(partial)
        self._files.rename(partial, path)
        return checksum

    def _write_file(self, path: Path, data: bytes) -> None:
        partial = path.with_suffix(".part")
        with self._files.create(partial) as file:
            file.write(data)
            self._files.sync(file)
        self._files.sync_folder(path.parent)
        self._files.rename(partial, path)
        self._files.sync_folder(path.parent)


def published_rows(folder: Path, documents: Sequence[int]) -> tuple[int, int]:
    """Count the live and the dead rows of some documents in a snapshot's files."""
    counts = np.zeros(2, dtype=np.int64)
    for entry in _read_published(folder / MANIFEST):
        segment = folder / safe_name(entry["name"])
        keys, starts = (
            np.load(segment / f"{name}.npy") for name in ("document_key", "document_start")
        )
        alive = np.load(folder / safe_name(entry["alive"]["name"]))
        for at in np.flatnonzero(np.isin(keys, documents)):
            rows = alive[starts[at] : starts[at + 1]]
            counts += rows.sum(), (~rows).sum()
    return int(counts[0]), int(counts[1])


def _read_published(path: Path) -> list[dict[str, Any]]:
    """Return the entries of the manifest's segments; none if the manifest cannot be trusted."""
    try:
        entries: list[dict[str, Any]] = read_manifest(path)["segments"]
    except (FileNotFoundError, CorruptSnapshotError, ValueError, KeyError):
        return []
    return entries


def read_manifest(path: Path) -> dict[str, Any]:
    """Return a manifest's body.

    Raises:
        CorruptSnapshotError: it does not match its checksum.

    """
    document = json.loads(path.read_text())
    body: dict[str, Any] = document["body"]
    if _checksum_text(body) != document["checksum"]:
        raise CorruptSnapshotError(f"{path.name} does not match its checksum")
    return body


def _checksum_text(body: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True).encode())


def checksum_file(path: Path, before_block: Callable[[int], object] = abs) -> int:
    """Return the CRC-32 of a file; ``before_block`` is told the size of each block, to wait."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            before_block(len(block))
            value = zlib.crc32(block, value)
    return value


_PARSING = threading.Lock()
"""numpy reads an array's header with ``ast``, which fails now and then where threads of CPython
3.11 do so at once (python/cpython#106905)."""


def _open_array(path: Path, checksum: int) -> NDArray[Any]:
    if checksum_file(path) != checksum:
        raise CorruptSnapshotError(f"{path.name} does not match its checksum")
    with _PARSING:
        mapped_array = np.load(path, mmap_mode="r", allow_pickle=False)
    array: NDArray[Any] = np.asarray(
        mapped_array
    )  # still mapped, without the subclass's slow slicing
    return array


def safe_name(name: str) -> str:
    """Return the name of a file that a manifest names.

    Raises:
        CorruptSnapshotError: it would be outside the manifest's folder.

    """
    if "/" in name or name.startswith("."):
        raise CorruptSnapshotError("a manifest names a file outside its folder")
    return name


def _try_lock(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
