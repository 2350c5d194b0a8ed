"""``footnote ingest``: files and folders, until all of them are searchable or have failed."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import (
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
    from api.cli.http_client import Remote
    from api.cli.progress_bar import Bar, Ended
    from api.composition.container import Parts
    from index.types import Actor

SOME_FAILED = 3
BLOCK = 1 << 20


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    path: str
    document_id: str | None = None
    version: int | None = None
    state: str = "queued"
    reason: str | None = None
    job_id: str | None = None


def add_commands(commands: Any) -> None:
    """Add the command to the parser."""
    parents = [data_options(), asker_options(), server_options(), json_option()]
    parser = commands.add_parser("ingest", parents=parents, help="add documents")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
    for name, text in (("allow", "who may read (default: you)"), ("deny", "who may not")):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="PRINCIPAL",
            help=f"{text}; repeatable",
        )
    parser.add_argument(
        "--priority", choices=("low", "normal", "high"), default="normal", help="default: normal"
    )
    parser.add_argument(
        "--watch", action="store_true", help="keep one folder in step: adds, changes, deletions"
    )
    parser.add_argument("--sync", action="store_true", help="bring one folder in step, once")
    parser.add_argument(
        "--posix-permissions",
        action="store_true",
        help="with --watch or --sync: who may read is what each file's mode says",
    )
    parser.add_argument(
        "--url", action="append", default=[], metavar="URL", help="fetch a web page or file"
    )
    parser.add_argument(
        "--licence", metavar="TEXT", help="with --watch, --sync, --url: a note kept with each"
    )
    parser.set_defaults(run=run_ingest)


def run_ingest(options: argparse.Namespace) -> int:
    """Add the files, show progress, say which ones failed and why."""
    from api.cli.progress_bar import Bar

    options.allow = split_principals(options.allow)
    options.deny = split_principals(options.deny)
    if options.watch or options.sync or options.url:
        from api.cli.folder_sync import run_urls, run_watch

        return run_urls(options) if options.url else run_watch(options)
    files = list(find_files(options.paths))
    remote = remote_of(options)
    with Bar(len(files), lines=sys.stderr if options.json else sys.stdout) as bar:
        outcomes = (
            _take_in(files, options, bar) if remote is None else _send(remote, files, options, bar)
        )
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
            if path.is_dir() and file.is_symlink():
                continue  # a link may lead out of the folder that was named
            if file.is_file() and not any(part.startswith(".") for part in inside):
                found = True
                yield file
    if not found:
        raise UsageError("There is no file to ingest.")


def _take_in(files: list[Path], options: argparse.Namespace, bar: "Bar") -> list[Outcome]:
    """Accept every file into the local store, then work until each has ended."""
    from api.cli.progress_bar import follow_here

    parts = parts_of(options)
    actor = local_actor(options, parts)
    outcomes = [_accept(parts, actor, path, options) for path in files]
    waiting, ended = _followed(outcomes, bar)
    follow_here(parts, actor, waiting, bar, ended)
    return outcomes


def _send(
    remote: "Remote", files: list[Path], options: argparse.Namespace, bar: "Bar"
) -> list[Outcome]:
    """Upload every file to a service, then wait for each job."""
    from api.cli.progress_bar import follow_there

    outcomes = [_upload(remote, path, options) for path in files]
    waiting, ended = _followed(outcomes, bar)
    follow_there(remote, waiting, bar, ended)
    return outcomes


def _followed(outcomes: list[Outcome], bar: "Bar") -> "tuple[list[str], Ended]":
    """Return the jobs to wait for, and what to do when one has ended.

    Several files may share a job: the same bytes under the same name are one document.
    """
    by_job: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.job_id is None:
            bar.tick(f"{outcome.path}: {outcome.reason}")
        else:
            by_job.setdefault(outcome.job_id, []).append(outcome)

    def ended(job_id: str, view: Mapping[str, Any]) -> None:
        for outcome in by_job[job_id]:
            outcome.state, outcome.reason = view["state"], view["reason"]
            failed = outcome.state != "succeeded"
            bar.tick(f"{outcome.path}: {outcome.reason or outcome.state}" if failed else None)

    return list(by_job), ended


def _accept(parts: "Parts", actor: "Actor", path: Path, options: argparse.Namespace) -> Outcome:
    from ingest.upload import Upload, accept

    upload = Upload(
        path.name,
        _blocks(path),
        allow=options.allow,
        deny=options.deny,
        priority=options.priority,
    )
    try:
        accepted = accept(parts.library, actor, upload, limit_bytes=parts.settings.upload_limit)
    except (FootnoteError, OSError) as error:
        return Outcome(str(path), state="failed", reason=str(error))
    return Outcome(str(path), **asdict(accepted))


def _upload(remote: "Remote", path: Path, options: argparse.Namespace) -> Outcome:
    try:
        accepted = remote.upload(path, options.allow, options.deny, options.priority)
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
