"""``footnote ingest``: files and folders, until all of them are searchable or have failed."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    Principals,
    ServerUrl,
    print_json,
    print_line,
    split_principals,
)
from api.cli.upload_options import Destination, LocalUploads, UploadOptions
from api.errors import UsageError
from index.db.batched import batched
from index.errors import FootnoteError

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.cli.progress_bar import Bar, Ended

SOME_FAILED = 3
MOST_ADDED = 500
"""Documents that one request puts into a collection."""
BLOCK = 1 << 20

app = command_group()


@dataclass(slots=True)
class FileOutcome:
    """How the upload of one file ended."""

    path: str
    document_id: str | None = None
    version: int | None = None
    state: str = "queued"
    reason: str | None = None
    job_id: str | None = None
    warnings: list[str] = field(default_factory=list)
    """Documents of other publishers whose names look like it."""


@app.command("ingest")
def ingest_command(  # noqa: PLR0913 - one for each option
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="files and folders")
    ] = None,
    *,
    allow: Annotated[
        list[str] | None,
        typer.Option(metavar="PRINCIPAL", help="who may read (default: you); repeatable"),
    ] = None,
    deny: Annotated[
        list[str] | None, typer.Option(metavar="PRINCIPAL", help="who may not read; repeatable")
    ] = None,
    priority: Annotated[
        Literal["low", "normal", "high"], typer.Option(help="which uploads are read first")
    ] = "normal",
    watch: Annotated[
        bool, typer.Option("--watch", help="keep one folder in step: adds, changes, deletions")
    ] = False,
    sync: Annotated[bool, typer.Option("--sync", help="bring one folder in step, once")] = False,
    posix_permissions: Annotated[
        bool,
        typer.Option(
            "--posix-permissions",
            help="with --watch or --sync: each file's mode says who may read it",
        ),
    ] = False,
    urls: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="fetch a web page or file; repeatable"),
    ] = None,
    places: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="bring a place in step, once: s3://BUCKET/FOLDER, git+https://...#BRANCH, "
            "sitemap+https://..., gdrive://FOLDER, imaps://USER@HOST/FOLDER; repeatable",
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="with --watch, --sync, --url, --from: a note kept with each document",
        ),
    ] = None,
    collections: Annotated[
        list[str] | None,
        typer.Option(
            "--collection", metavar="ID", help="put the files into this collection; repeatable"
        ),
    ] = None,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Add documents, and wait until each one is searchable or has failed.

    A line says of each file that failed why it did.
    """
    options = UploadOptions(
        split_principals(allow or []), split_principals(deny or []), priority, licence,
        tuple(collections or ()),
    )  # fmt: skip
    destination = Destination(data, principals, server, key)
    if collections and (urls or places or watch or sync):
        raise UsageError("--collection goes with files and folders that are added once.")
    if urls:
        from api.cli.folder_sync import run_urls

        return run_urls(urls, options, destination)
    if places:
        from api.cli.connector_sync import run_places

        return run_places(places, options, destination)
    if watch or sync:
        from api.cli.folder_sync import run_watch

        return run_watch(
            paths or [], options, destination, once=not watch, posix_permissions=posix_permissions
        )
    return ingest_files(list(find_files(paths or [])), options, destination, as_json=as_json)


def ingest_files(
    files: Sequence[Path], options: UploadOptions, destination: Destination, *, as_json: bool
) -> int:
    """Add some files and print how each ended; return the exit code."""
    from api.cli.progress_bar import Bar

    remote = destination.connect()
    with Bar(len(files), lines=sys.stderr if as_json else sys.stdout) as bar:
        outcomes = (
            _ingest_locally(files, options, destination, bar)
            if remote is None
            else _send(remote, files, options, bar)
        )
    failed = sum(outcome.state != "succeeded" for outcome in outcomes)
    if as_json:
        print_json({"documents": [_outcome_json(outcome) for outcome in outcomes]})
    else:
        for outcome in outcomes:
            for warning in outcome.warnings:
                print_line(f"{outcome.path}: {warning}")
        print_line(f"{len(outcomes) - failed} of {len(outcomes)} documents are searchable.")
    return SOME_FAILED if failed else 0


def find_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield files, and the files below folders, in order; skip names that begin with a dot.

    Raises:
        UsageError: a path does not exist, or there is no file at all.

    """
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path} does not exist.")
    files = [file for path in paths for file in _files_of(path)]
    if not files:
        raise UsageError("There is no file to ingest.")
    yield from files


def _files_of(path: Path) -> Iterator[Path]:
    """Yield a file itself, or the files below a folder; a link may lead out of the folder."""
    if path.is_file():
        yield path
        return
    for file in sorted(path.rglob("*")):
        is_hidden = any(name.startswith(".") for name in file.relative_to(path).parts)
        if file.is_file() and not file.is_symlink() and not is_hidden:
            yield file


def _ingest_locally(
    files: Sequence[Path], options: UploadOptions, destination: Destination, bar: "Bar"
) -> list[FileOutcome]:
    """Accept every file into the local store, then work until each has ended."""
    from api.cli.progress_bar import follow_here
    from ingest.lifecycle.collection_documents import CollectionPlacement, add_documents
    from ingest.lifecycle.collection_rights import check_collections

    with destination.open() as local:
        check_collections(local.library.database, local.actor, options.collections)
        outcomes = [_accept(local, path, options) for path in files]
        document_ids = _document_ids(outcomes)
        for collection_id in options.collections if document_ids else ():
            add_documents(
                local.library.database,
                local.actor,
                collection_id,
                document_ids,
                CollectionPlacement(),
            )
        job_ids, ended = _jobs_to_follow(outcomes, bar)
        follow_here(local.ingestion, local.actor, job_ids, bar, ended)
    return outcomes


def _send(
    remote: "Remote", files: Sequence[Path], options: UploadOptions, bar: "Bar"
) -> list[FileOutcome]:
    """Upload every file to a service, then wait for each job."""
    from api.cli.progress_bar import follow_there

    for collection_id in options.collections:  # before a file is sent
        remote.call("GET", f"/v1/collections/{collection_id}")
    outcomes = [_upload(remote, path, options) for path in files]
    for document_ids in batched(_document_ids(outcomes), MOST_ADDED):
        for collection_id in options.collections:
            body = {"documents": list(document_ids)}
            remote.call("POST", f"/v1/collections/{collection_id}/documents", json=body)
    job_ids, ended = _jobs_to_follow(outcomes, bar)
    follow_there(remote, job_ids, bar, ended)
    return outcomes


def _document_ids(outcomes: Sequence[FileOutcome]) -> list[str]:
    """Return the documents that were accepted, each once."""
    return list(dict.fromkeys(each.document_id for each in outcomes if each.document_id))


def _jobs_to_follow(outcomes: list[FileOutcome], bar: "Bar") -> "tuple[list[str], Ended]":
    """Return the jobs to wait for, and what to do when one has ended.

    Several files may share a job: the same bytes under the same name are one document.
    """
    by_job: dict[str, list[FileOutcome]] = {}
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


def _accept(local: LocalUploads, path: Path, options: UploadOptions) -> FileOutcome:
    from ingest.lifecycle.look_alikes import look_alike_warnings
    from ingest.upload import Upload, accept

    upload = Upload(
        path.name,
        _blocks(path),
        allow=options.allow,
        deny=options.deny,
        priority=options.priority,
    )
    try:
        accepted = accept(local.library, local.actor, upload, limit_bytes=local.limit_bytes)
    except (FootnoteError, OSError) as error:
        return FileOutcome(str(path), state="failed", reason=str(error))
    warnings = look_alike_warnings(local.library.database, local.actor, accepted.document_id)
    return FileOutcome(str(path), **asdict(accepted), warnings=warnings)


def _upload(remote: "Remote", path: Path, options: UploadOptions) -> FileOutcome:
    try:
        accepted = remote.upload(path, options.allow, options.deny, options.priority)
    except (FootnoteError, OSError) as error:
        return FileOutcome(str(path), state="failed", reason=str(error))
    return FileOutcome(str(path), **accepted)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _outcome_json(outcome: FileOutcome) -> dict[str, Any]:
    return {
        "path": outcome.path,
        "document_id": outcome.document_id,
        "version": outcome.version,
        "state": outcome.state,
        "reason": outcome.reason,
        "warnings": outcome.warnings,
    }
