"""``footnote ingest DIR --watch``: a folder kept in step, in a local store or a service."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.local_store import local_settings
from api.cli.options import print_line
from api.cli.upload_options import Destination, LocalUploads, UploadOptions
from api.errors import UsageError
from index.errors import FootnoteError
from index.types import AccessList
from ingest.lifecycle.source_registry import (
    Kind,
    SourceDocument,
    SourceSpec,
    SourceView,
    keep_source,
)
from ingest.sync.folder_scan import FolderFile, posix_access
from ingest.sync.folder_sync import Event, FolderSync

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from index.egress.fetcher import Fetcher
    from ingest.connectors.connector_sync import ConnectorTarget

PAUSE_SECONDS = 2.0
SOME_FAILED = 3


class RemoteSource:
    """A source's documents in a service."""

    def __init__(self, remote: "Remote", source_id: str) -> None:
        self._remote = remote
        self._source = source_id

    def list_documents(self) -> list[SourceDocument]:
        """Return the documents of the source."""
        listing = self._remote.call("GET", f"/v1/sources/{self._source}/documents")
        return [SourceDocument(**item) for item in listing["items"]]

    def put(
        self,
        path: str,
        blocks: Iterable[bytes],
        access: AccessList,
        *,
        filename: str | None = None,
        mark: str | None = None,
    ) -> str:
        """Upload a file, or its new version, under its access list."""
        fields = {
            "allow": sorted(access.allow),
            "deny": sorted(access.deny),
            "source": self._source,
            "source_path": path,
            **({"source_mark": mark} if mark else {}),
        }
        with tempfile.SpooledTemporaryFile(1 << 20) as copy:
            for block in blocks:
                copy.write(block)
            copy.seek(0)
            files = {"file": (filename or path.rsplit("/", 1)[-1], copy)}
            accepted = self._remote.call("POST", "/v1/documents", files=files, data=fields)
        return str(accepted["job_id"])

    def remove(self, document_id: str) -> None:
        """Delete a document."""
        self._remote.call("DELETE", f"/v1/documents/{document_id}")

    def restrict(self, document_id: str, access: AccessList) -> None:
        """Give a document this list although there is no new version of it."""
        lists = {"allow": sorted(access.allow), "deny": sorted(access.deny)}
        self._remote.call("PATCH", f"/v1/documents/{document_id}", json=lists)


def run_watch(
    paths: Sequence[Path],
    options: UploadOptions,
    destination: Destination,
    *,
    once: bool,
    posix_permissions: bool,
) -> int:
    """Keep a folder in step until interrupted, or bring it in step once; return the exit code."""
    if len(paths) != 1 or not paths[0].is_dir():
        raise UsageError("--watch and --sync take one folder.")
    folder = paths[0].resolve()
    with open_source("folder", str(folder), options, destination) as (target, source, work):
        fixed = AccessList.of(source.allow, source.deny)

        def access(file: FolderFile) -> AccessList:
            """Map permissions where that is asked for; the source's owner keeps access."""
            return posix_access(file, fixed, source.owner) if posix_permissions else fixed

        sync = FolderSync(folder, target, access, patient=not once)
        while True:
            failed = print_events(sync.step, work)
            if once:
                return SOME_FAILED if failed else 0
            time.sleep(PAUSE_SECONDS)


Work = Callable[[], object]
"""Works the queue of a local store; nothing where a service does that."""


@contextmanager
def open_source(
    kind: Kind, location: str, options: UploadOptions, destination: Destination
) -> Iterator[tuple["ConnectorTarget", SourceView, Work]]:
    """Register a source; yield where its documents are, its rules, and who reads them in."""
    remote = destination.connect()
    if remote is not None:
        view = _register_at_service(remote, kind, location, options)
        yield RemoteSource(remote, view.source_id), view, lambda: None
        return
    from ingest.sync.local_target import LocalSource

    with destination.open() as local:
        spec = SourceSpec(kind, location, options.allow, options.deny, options.licence)
        view = keep_source(local.library, local.actor, spec)
        target = LocalSource(local.library, local.actor, view.source_id, limit=local.limit_bytes)
        yield target, view, lambda: local.ingestion.worker().run_until_idle()


def print_events(step: Callable[[], Iterator[Event]], work: Work) -> int:
    """Look at a place once, print what happens, and return how many files failed."""
    events = []
    for event in _events(step):
        reason = f": {event.reason}" if event.reason else ""
        print_line(f"{event.action:8} {event.path}{reason}")
        events.append(event)
    if any(event.job_id for event in events):
        work()
    return sum(event.action == "failed" for event in events)


def _events(step: Callable[[], Iterator[Event]]) -> Iterator[Event]:
    try:
        yield from step()
    except OSError as error:
        yield Event("failed", ".", reason=f"The folder cannot be read: {error.strerror}.")
    except FootnoteError as error:  # the service does not answer; the next look may find it
        yield Event("failed", ".", reason=str(error))


def _register_at_service(
    remote: "Remote", kind: Kind, location: str, options: UploadOptions
) -> SourceView:
    body = {"kind": kind, "location": location, "licence": options.licence}
    lists = {"allow": options.allow, "deny": options.deny}
    created = remote.call("POST", "/v1/sources", json={**body, **lists})
    return SourceView(**created["source"])


def run_urls(urls: Sequence[str], options: UploadOptions, destination: Destination) -> int:
    """Fetch each URL as a source of its own and print how it ended; return the exit code."""
    with _open_fetch(options, destination) as fetch:
        failed = [url for url in urls if not _fetch_and_print(fetch, url)]
    return SOME_FAILED if failed else 0


Fetch = Callable[[str], dict[str, Any]]
"""Fetches one URL and returns its job once it has ended."""


def _fetch_and_print(fetch: Fetch, url: str) -> bool:
    """Fetch one URL, print how it ended, and tell whether it is searchable."""
    try:
        job = fetch(url)
    except FootnoteError as error:
        job = {"state": "failed", "reason": str(error)}
    reason = f": {job['reason']}" if job["reason"] else ""
    print_line(f"{job['state']:9} {url}{reason}")
    return bool(job["state"] == "succeeded")


@contextmanager
def _open_fetch(options: UploadOptions, destination: Destination) -> Iterator[Fetch]:
    """Open the service or the local store that fetches URLs."""
    remote = destination.connect()
    if remote is not None:
        yield _fetch_at_service(remote, options)
        return
    from api.composition.ingestion import build_fetcher

    with destination.open() as local:
        yield _fetch_locally(local, build_fetcher(local_settings(destination.data)), options)


def _fetch_locally(local: LocalUploads, fetcher: "Fetcher", options: UploadOptions) -> Fetch:
    from api.documents.url_import import import_url
    from ingest.queue.jobs import get_job

    library, actor = local.library, local.actor

    def fetch(url: str) -> dict[str, Any]:
        spec = SourceSpec("url", url, options.allow, options.deny, options.licence)
        _, accepted = import_url(fetcher, library, actor, spec, limit_bytes=local.limit_bytes)
        local.ingestion.worker().run_until_idle()
        return asdict(get_job(library.database, actor, accepted.job_id))

    return fetch


def _fetch_at_service(remote: "Remote", options: UploadOptions) -> Fetch:
    terms = {"allow": options.allow, "deny": options.deny, "licence": options.licence}

    def fetch(url: str) -> dict[str, Any]:
        created = remote.call("POST", "/v1/sources", json={"kind": "url", "location": url, **terms})
        while True:
            job = remote.call("GET", f"/v1/jobs/{created['upload']['job_id']}")
            if job["state"] not in {"queued", "running"}:
                return job
            time.sleep(PAUSE_SECONDS / 4)

    return fetch
