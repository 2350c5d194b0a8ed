"""``footnote ingest DIR --watch``: a folder kept in step, in a local store or a service."""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import local_actor, parts_of, print_line, remote_of
from api.errors import UsageError
from index.errors import FootnoteError
from index.types import AccessList
from ingest.lifecycle.source_registry import Known, SourceSpec, SourceView, keep_source
from ingest.sync.folder_scan import FolderFile, posix_access
from ingest.sync.folder_sync import Event, FolderSync, SourceTarget

if TYPE_CHECKING:
    from api.cli.http_client import Remote

PAUSE_SECONDS = 2.0


class RemoteSource:
    """A source's documents in a service."""

    def __init__(self, remote: "Remote", source_id: str) -> None:
        self._remote = remote
        self._source = source_id

    def known(self) -> list[Known]:
        """Return the documents of the source."""
        found = self._remote.call("GET", f"/v1/sources/{self._source}/documents")
        return [Known(**item) for item in found["items"]]

    def put(self, path: str, blocks: Iterable[bytes], access: AccessList) -> str:
        """Upload a file, or its new version, under its access list."""
        fields = {
            "allow": sorted(access.allow),
            "deny": sorted(access.deny),
            "source": self._source,
            "source_path": path,
        }
        with tempfile.SpooledTemporaryFile(1 << 20) as copy:
            for block in blocks:
                copy.write(block)
            copy.seek(0)
            files = {"file": (path.rsplit("/", 1)[-1], copy)}
            sent = self._remote.call("POST", "/v1/documents", files=files, data=fields)
        return str(sent["job_id"])

    def remove(self, document_id: str) -> None:
        """Delete a document."""
        self._remote.call("DELETE", f"/v1/documents/{document_id}")


def run_watch(options: argparse.Namespace) -> int:
    """Keep a folder in step until interrupted; with ``--sync``, once."""
    if len(options.paths) != 1 or not options.paths[0].is_dir():
        raise UsageError("--watch and --sync take one folder.")
    folder = options.paths[0].resolve()
    remote = remote_of(options)
    if remote is not None:
        source = _remote_source(remote, folder, options)
        target: SourceTarget = RemoteSource(remote, source.source_id)
        return _run(folder, target, source, options, lambda: None)
    from ingest.sync.local_target import LocalSource

    parts = parts_of(options)
    actor = local_actor(options, parts)
    source = keep_source(parts.library, actor, _spec(folder, options))
    here = LocalSource(parts.library, actor, source.source_id, limit=parts.settings.upload_limit)
    return _run(folder, here, source, options, lambda: parts.worker().run_until_idle())


def _run(
    folder: Path,
    target: SourceTarget,
    source: SourceView,
    options: argparse.Namespace,
    work: Any,
) -> int:
    """Step until told to stop; the source's owner keeps access where permissions are mapped."""
    fixed = AccessList.of(source.allow, source.deny)

    def access(file: FolderFile) -> AccessList:
        return posix_access(file, fixed, source.owner) if options.posix_permissions else fixed

    sync = FolderSync(folder, target, access, patient=options.watch)
    while True:
        failed = _step(sync, work)
        if not options.watch:
            return 3 if failed else 0
        time.sleep(PAUSE_SECONDS)


def _step(sync: FolderSync, work: Any) -> int:
    try:
        events = list(sync.step())
    except OSError as error:
        events = [Event("failed", ".", reason=f"The folder cannot be read: {error.strerror}.")]
    except FootnoteError as error:  # the service does not answer; the next look may find it
        events = [Event("failed", ".", reason=str(error))]
    for event in events:
        reason = f": {event.reason}" if event.reason else ""
        print_line(f"{event.action:8} {event.path}{reason}")
    if any(event.job_id for event in events):
        work()
    return sum(event.action == "failed" for event in events)


def _spec(folder: Path, options: argparse.Namespace) -> SourceSpec:
    return SourceSpec("folder", str(folder), options.allow, options.deny, options.licence)


def _remote_source(remote: "Remote", folder: Path, options: argparse.Namespace) -> SourceView:
    body = {"kind": "folder", "location": str(folder), "licence": options.licence}
    lists = {"allow": options.allow, "deny": options.deny}
    made = remote.call("POST", "/v1/sources", json={**body, **lists})
    return SourceView(**made["source"])


def run_urls(options: argparse.Namespace) -> int:
    """Fetch each URL as a source of its own and say what became of it."""
    remote = remote_of(options)
    fetch = _fetching_here(options) if remote is None else _fetching_there(remote, options)
    failed = 0
    for url in options.url:
        try:
            job = fetch(url)
        except FootnoteError as error:
            job = {"state": "failed", "reason": str(error)}
        failed += job["state"] != "succeeded"
        reason = f": {job['reason']}" if job["reason"] else ""
        print_line(f"{job['state']:9} {url}{reason}")
    return 3 if failed else 0


Fetch = Callable[[str], dict[str, Any]]
"""Fetches one URL and returns its job once it has ended."""


def _fetching_here(options: argparse.Namespace) -> Fetch:
    from api.documents.url_import import fetch_source
    from ingest.queue.jobs import get_job

    parts = parts_of(options)
    actor = local_actor(options, parts)

    def fetch(url: str) -> dict[str, Any]:
        spec = SourceSpec("url", url, options.allow, options.deny, options.licence)
        source = keep_source(parts.library, actor, spec)
        accepted = fetch_source(
            parts.fetcher, parts.library, actor, source, limit_bytes=parts.settings.upload_limit
        )
        parts.worker().run_until_idle()
        return asdict(get_job(parts.library, actor, accepted.job_id))

    return fetch


def _fetching_there(remote: "Remote", options: argparse.Namespace) -> Fetch:
    rules = {"allow": options.allow, "deny": options.deny, "licence": options.licence}

    def fetch(url: str) -> dict[str, Any]:
        made = remote.call("POST", "/v1/sources", json={"kind": "url", "location": url, **rules})
        while True:
            job = remote.call("GET", f"/v1/jobs/{made['upload']['job_id']}")
            if job["state"] not in {"queued", "running"}:
                return job
            time.sleep(PAUSE_SECONDS / 4)

    return fetch
