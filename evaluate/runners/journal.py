"""Keep a run's results as they come, so that an interrupted run goes on where it stopped."""

import hashlib
import importlib.util
import json
import os
import threading
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from pydantic import BaseModel, ValidationError

Kept = TypeVar("Kept", bound=BaseModel)

_PACKAGES = ("index", "retrieve", "generate", "ingest", "evaluate")


class Journal(Protocol):
    """Keeps one value for each sample of a run."""

    def open(self, kind: str, data: str, config: Mapping[str, Any]) -> Self:
        """Take up the run with this kind, data fingerprint and configuration, or begin it."""
        ...

    def once(self, key: str, kind: type[Kept], make: Callable[[], Kept]) -> Kept:
        """Return what is kept for a sample, or make it and keep it."""
        ...

    def finish(self) -> None:
        """Forget the run: it is complete, and the next one begins at its first sample."""
        ...


class NoJournal:
    """Keeps nothing."""

    def open(self, kind: str, data: str, config: Mapping[str, Any]) -> Self:  # noqa: ARG002 - the port's shape
        """Begin a run."""
        return self

    def once(self, key: str, kind: type[Kept], make: Callable[[], Kept]) -> Kept:  # noqa: ARG002 - the port's shape
        """Make the value."""
        return make()

    def finish(self) -> None:
        """Do nothing: there is nothing to forget."""


class FileJournal:
    """Keeps values in a file of one JSON object a line, flushed after each.

    The file's name is a hash of the run: its data, its configuration and the code of the packages
    that answer, so that a run is never finished by another program than began it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._lines: dict[str, str] = {}
        self._file: Path | None = None

    def open(self, kind: str, data: str, config: Mapping[str, Any]) -> Self:
        """Read what an earlier, interrupted run of the same kind has kept."""
        identity = [kind, data, code_version(), dict(config)]
        name = hashlib.sha256(
            json.dumps(identity, sort_keys=True, default=str).encode()
        ).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = self._folder / f"{kind}-{name[:20]}.jsonl"
        if self._file.exists():
            self._lines = dict(_whole_lines(self._file))
            _end_line(self._file)
        return self

    def once(self, key: str, kind: type[Kept], make: Callable[[], Kept]) -> Kept:
        """Return the kept value where it still has the right shape."""
        if key in self._lines:
            try:
                return kind.model_validate_json(self._lines[key])
            except ValidationError:
                del self._lines[key]
        result = make()
        line = json.dumps([key, result.model_dump_json(by_alias=True)], ensure_ascii=False)
        assert self._file is not None, "open() comes first"
        with self._lock, self._file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        return result

    def finish(self) -> None:
        """Delete the file: a complete run's report has everything."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)


def _end_line(file: Path) -> None:
    """Let a torn last line end, so that what is added begins on a line of its own."""
    with file.open("rb+") as stream:
        if not stream.seek(0, os.SEEK_END):
            return
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) != b"\n":
            stream.write(b"\n")


def _whole_lines(file: Path) -> list[tuple[str, str]]:
    """Return the pairs that were written to their end; the last may be torn."""
    pairs = []
    for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            key, value = json.loads(line)
        except ValueError:
            continue
        pairs.append((key, value))
    return pairs


@cache
def code_version() -> str:
    """Return a hash of the code that finds, answers and judges."""
    digest = hashlib.sha256()
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        for root in spec.submodule_search_locations or ():
            for path in sorted(Path(root).rglob("*.py")):
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]
