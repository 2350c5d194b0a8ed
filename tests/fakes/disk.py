"""File layers for tests: one that remembers what a power cut would leave, and one that fails."""

import errno
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from index.storage.durable_files import Files


@dataclass(frozen=True)
class Operation:
    """One thing that was done to the disk, in order."""

    kind: str
    """``create``, ``sync``, ``rename``, ``folder``, ``sync-folder``, ``remove`` or ``note``."""
    path: Path
    target: Path | None = None
    content: bytes = b""
    """For ``sync``: what is certain to be in the file from now on."""
    noted: object = None


class RecordingFiles(Files):
    """Does everything, and keeps the order in which it was done."""

    def __init__(self) -> None:
        self.log: list[Operation] = []

    def note(self, what: object) -> None:
        """Mark a moment, such as what has just been acknowledged."""
        self.log.append(Operation("note", Path(), noted=what))

    def create(self, path: Path) -> BinaryIO:
        self.log.append(Operation("create", path))
        return super().create(path)

    def sync(self, file: BinaryIO) -> None:
        super().sync(file)
        path = Path(file.name)
        self.log.append(Operation("sync", path, content=path.read_bytes()))

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.log.append(Operation("rename", source, target))

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        self.log.append(Operation("sync-folder", folder))

    def make_folder(self, folder: Path) -> None:
        super().make_folder(folder)
        self.log.append(Operation("folder", folder))

    def remove(self, path: Path) -> None:
        super().remove(path)
        self.log.append(Operation("remove", path))


@dataclass
class _Node:
    """A file or a folder, apart from its names."""

    durable: bytes | None = None
    """The bytes that the last fsync made durable; none before the first."""


@dataclass
class Disk:
    """Simulates a file system after a power cut, by the loosest rules that POSIX allows.

    Contents that were not fsynced are lost or torn. Names that were made, moved or removed since
    their folder was last fsynced may or may not be so. A rename is never half done.
    """

    nodes: dict[Path, _Node] = field(default_factory=dict)
    """The files that the names lead to now."""
    durable_nodes: dict[Path, _Node] = field(default_factory=dict)
    """The files that the names lead to for certain after a power cut."""
    folders: set[Path] = field(default_factory=set)
    """Names that were made as folders; what stood before is certain to stay."""
    pending: list[tuple[Path, Operation, _Node | None]] = field(default_factory=list)
    """Changes of names since their folder was fsynced: the folder, the change, what it names."""

    def apply(self, operation: Operation) -> None:
        """Go one operation further."""
        path, target = operation.path, operation.target
        if operation.kind == "sync":
            self.nodes[path].durable = operation.content
        elif operation.kind == "sync-folder":
            for folder, change, node in self.pending:
                if folder == path:
                    _rename_in(self.durable_nodes, change, node)
            self.pending = [entry for entry in self.pending if entry[0] != path]
        elif operation.kind == "folder" and path in self.nodes:
            return
        elif operation.kind != "note":
            node = self.nodes[path] if operation.kind == "rename" else None
            if operation.kind in {"create", "folder"}:
                node = _Node()
            if operation.kind == "folder":
                self.folders.add(path)
            assert target is None or target.parent == path.parent, "a move between folders"
            self.pending.append((path.parent, operation, node))
            _rename_in(self.nodes, operation, node)

    def crash(self, rng: random.Random, survives: float) -> dict[Path, bytes]:
        """Return the files after a power cut; each unsynced change survives by chance."""
        names = dict(self.durable_nodes)
        for _, change, node in self.pending:
            if rng.random() < survives:
                _rename_in(names, change, node)
        return {
            path: node.durable if node.durable is not None else rng.randbytes(rng.randrange(64))
            for path, node in names.items()
            if path not in self.folders
            and all(folder in names for folder in self.folders.intersection(path.parents))
        }


def _rename_in(names: dict[Path, _Node], change: Operation, node: _Node | None) -> None:
    """Carry out a change of names."""
    if change.kind == "remove":
        for path in [p for p in names if p == change.path or change.path in p.parents]:
            del names[path]
    elif change.kind == "rename":
        assert node is not None
        assert change.target is not None
        names.pop(change.path, None)
        names[change.target] = node
    else:
        assert node is not None
        names[change.path] = node


def write_out(files: dict[Path, bytes], root: Path, to: Path) -> None:
    """Put what a crash left of ``root`` into another folder."""
    for path, content in files.items():
        place = to / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


class FailingFiles(Files):
    """Fails at its ``at``-th operation, once: the disk is full, then somebody makes room."""

    def __init__(self, at: int) -> None:
        self.remaining = at
        self.failed = False

    def step(self) -> None:
        """Count one write, fsync, rename or other operation."""
        self.remaining -= 1
        if self.remaining == 0:
            self.failed = True
            raise OSError(errno.ENOSPC, "No space left on device")

    def create(self, path: Path) -> BinaryIO:
        self.step()
        return FailingFile(super().create(path), self)

    def sync(self, file: BinaryIO) -> None:
        self.step()
        super().sync(file)

    def rename(self, source: Path, target: Path) -> None:
        self.step()
        super().rename(source, target)

    def sync_folder(self, folder: Path) -> None:
        self.step()
        super().sync_folder(folder)

    def make_folder(self, folder: Path) -> None:
        self.step()
        super().make_folder(folder)

    def remove(self, path: Path) -> None:
        self.step()
        super().remove(path)


class FailingFile:
    """A file whose writes count; the one that fails leaves half of what it was given."""

    def __init__(self, file: BinaryIO, files: FailingFiles) -> None:
        self._file = file
        self._files = files

    def write(self, data) -> int:
        try:
            self._files.step()
        except OSError:
            self._file.write(bytes(data)[: len(data) // 2])
            raise
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self._file.close()
