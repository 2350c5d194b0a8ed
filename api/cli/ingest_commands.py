"""``footnote ingest``: files and folders, until all of them are searchable or have failed."""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from api.cli.common import (
    asker_options,
    data_options,
    json_option,
    local_actor,
    parts_of,
    print_json,
    print_line,
    remote_of,
    server_options,
    split_principals,
)
from api.errors import UsageError
from index.errors import FootnoteError

if TYPE_CHECKING:
    from api.cli.remote import Remote
    from api.wiring import Parts
    from index.types import Actor

SOME_FAILED = 3
BLOCK = 1 << 20
POLL_SECONDS = 0.2


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    path: str
    document_id: str | None = None
    version: int | None = None
    state: str = "queued"
    reason: str | None = None
    job_id: str | None = None


Tick = Callable[[Outcome], None]
"""Told each file's outcome once it has ended."""


def add_commands(commands: Any) -> None:
    """Add the command to the parser."""
    parents = [data_options(), asker_options(), server_options(), json_option()]
    parser = commands.add_parser("ingest", parents=parents, help="add documents")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    for name, text in (("allow", "who may read (default: you)"), ("deny", "who may not")):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="PRINCIPAL",
            help=f"{text}; repeatable",
        )
    parser.set_defaults(run=run_ingest)


def run_ingest(options: argparse.Namespace) -> int:
    """Add the files, show progress, say which ones failed and why."""
    files = list(find_files(options.paths))
    options.allow = split_principals(options.allow)
    options.deny = split_principals(options.deny)
    remote = remote_of(options)
    with _Progress(len(files), to_stdout=not options.json) as progress:
        if remote is not None:
            outcomes = _send(remote, files, options, progress.tick)
        else:
            outcomes = _take_in(files, options, progress.tick)
    failed = sum(outcome.state != "succeeded" for outcome in outcomes)
    if options.json:
        print_json({"documents": [_shown(outcome) for outcome in outcomes]})
    else:
        print_line(f"{len(outcomes) - failed} of {len(outcomes)} documents are searchable.")
    return SOME_FAILED if failed else 0


def find_files(paths: list[Path]) -> Iterator[Path]:
    """Yield files, and the files below folders, in order; names that begin with a dot are left.

    Raises:
        UsageError: a path does not exist, or there is no file at all.

    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist.")
    found = False
    for path in paths:
        below = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in below:
            inside = file.relative_to(path).parts
            if file.is_file() and not any(part.startswith(".") for part in inside):
                found = True
                yield file
    if not found:
        raise UsageError("There is no file to ingest.")


def _take_in(files: list[Path], options: argparse.Namespace, tick: Tick) -> list[Outcome]:
    """Accept every file into the local store, then work until each has ended."""
    parts = parts_of(options)
    actor = local_actor(options, parts)
    outcomes = [_accept(parts, actor, path, options) for path in files]
    waiting: list[Outcome] = []
    for outcome in outcomes:
        (tick if outcome.state == "failed" else waiting.append)(outcome)
    while waiting:
        working = threading.Thread(target=parts.worker().run_until_idle, daemon=True)
        working.start()
        while working.is_alive():
            working.join(POLL_SECONDS)
            waiting = _look(parts, actor, waiting, tick)
        if waiting:  # a retry that waits, or another process has the job
            time.sleep(POLL_SECONDS)
    return outcomes


def _accept(parts: "Parts", actor: "Actor", path: Path, options: argparse.Namespace) -> Outcome:
    from ingest.accept import Upload, accept

    upload = Upload(path.name, _blocks(path), allow=options.allow, deny=options.deny)
    try:
        accepted = accept(parts.library, actor, upload, limit_bytes=parts.settings.upload_limit)
    except (FootnoteError, OSError) as error:
        return Outcome(str(path), state="failed", reason=str(error))
    return Outcome(str(path), **asdict(accepted))


def _look(parts: "Parts", actor: "Actor", waiting: list[Outcome], tick: Tick) -> list[Outcome]:
    """Tell the outcomes that have ended; return the others."""
    from ingest.jobs import get_job

    left = []
    for outcome in waiting:
        job = get_job(parts.library, actor, outcome.job_id or "")
        outcome.state, outcome.reason = job.state, job.reason
        if job.state in {"queued", "running"}:
            left.append(outcome)
        else:
            tick(outcome)
    return left


def _send(
    remote: "Remote", files: list[Path], options: argparse.Namespace, tick: Tick
) -> list[Outcome]:
    """Upload every file to a service, then wait for each job."""
    outcomes = [_upload(remote, path, options) for path in files]
    for outcome in outcomes:
        if outcome.job_id is not None:
            job = remote.wait(outcome.job_id)
            outcome.state, outcome.reason = job["state"], job["reason"]
        tick(outcome)
    return outcomes


def _upload(remote: "Remote", path: Path, options: argparse.Namespace) -> Outcome:
    try:
        accepted = remote.upload(path, options.allow, options.deny)
    except (FootnoteError, OSError) as error:
        return Outcome(str(path), state="failed", reason=str(error))
    return Outcome(str(path), **accepted)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _shown(outcome: Outcome) -> dict[str, Any]:
    return {
        "path": outcome.path,
        "document_id": outcome.document_id,
        "version": outcome.version,
        "state": outcome.state,
        "reason": outcome.reason,
    }


class _Progress:
    """A bar on stderr, and a line for each file that failed."""

    def __init__(self, total: int, *, to_stdout: bool) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit="file", file=sys.stderr)
        self._lines = sys.stdout if to_stdout else sys.stderr

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def tick(self, outcome: Outcome) -> None:
        """Count one file."""
        if outcome.state != "succeeded":
            self._bar.write(f"{outcome.path}: {outcome.reason or outcome.state}", file=self._lines)
        self._bar.update()
