"""``footnote admin queue`` and ``footnote admin reingest``."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import LOCAL_USER, open_local_ingestion, open_local_store, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    JobLimit,
    ServerUrl,
    connect,
    print_json,
    print_line,
)
from api.errors import UsageError
from index.types import DEFAULT_TENANT, Actor, Scope

Everybody = Annotated[
    bool, typer.Option("--everybody", help="every tenant (local data folder only)")
]
ErrorCode = Annotated[
    str | None,
    typer.Option("--code", metavar="CODE", help="only those that failed with this code"),
]

queue = command_group("Look at the job queue, pause it, repeat failed jobs.")
reingest = command_group()


@queue.command("show")
def show_command(
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Say how many jobs wait, run and have failed."""
    if remote := connect(server, key):
        return _print_queue(remote.call("GET", "/v1/admin/queue"), as_json=as_json)
    from ingest.queue.administration import show_queue

    with open_local_store(data) as store:
        view = show_queue(store.database, DEFAULT_TENANT)
    return _print_queue(asdict(view), as_json=as_json)


@queue.command("pause")
def pause_command(
    *,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="shown with the queue", show_default=False)
    ] = "",
    everybody: Everybody = False,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Let workers take no job; uploads are still accepted."""
    if remote := connect(server, key):
        _refuse_everybody(everybody=everybody)
        view = remote.call("POST", "/v1/admin/queue/pause", json={"reason": reason})
        return _print_queue(view, as_json=as_json)
    from ingest.queue.administration import pause_queue, show_queue

    with open_local_store(data) as store:
        tenant, author = _tenant(everybody=everybody), operator(reason)
        pause_queue(store.database, tenant, by=LOCAL_USER, reason=reason, author=author)
        view = asdict(show_queue(store.database, DEFAULT_TENANT))
    return _print_queue(view, as_json=as_json)


@queue.command("resume")
def resume_command(
    *,
    everybody: Everybody = False,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """End a pause."""
    if remote := connect(server, key):
        _refuse_everybody(everybody=everybody)
        return _print_queue(remote.call("POST", "/v1/admin/queue/resume"), as_json=as_json)
    from ingest.queue.administration import resume_queue, show_queue

    with open_local_store(data) as store:
        resume_queue(store.database, _tenant(everybody=everybody), author=operator())
        view = asdict(show_queue(store.database, DEFAULT_TENANT))
    return _print_queue(view, as_json=as_json)


def _refuse_everybody(*, everybody: bool) -> None:
    if everybody:
        raise UsageError("--everybody works on a local data folder; a key is for one tenant.")


def _tenant(*, everybody: bool) -> str:
    from ingest.queue.fair_scheduling import WHOLE_QUEUE

    return WHOLE_QUEUE if everybody else DEFAULT_TENANT


@queue.command("failed")
def failed_command(
    *,
    code: ErrorCode = None,
    limit: JobLimit = 100,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List failed jobs and why they failed."""
    if remote := connect(server, key):
        query = {"limit": limit, **({} if code is None else {"code": code})}
        items = remote.call("GET", "/v1/admin/queue/failed", params=query)["items"]
    else:
        from ingest.queue.administration import dead_letters

        with open_local_store(data) as store:
            letters = dead_letters(store.database, DEFAULT_TENANT, code=code, limit=limit)
        items = [asdict(letter) for letter in letters]
    if as_json:
        print_json({"failed": items})
        return 0
    for item in items:
        print_line(f"{item['job_id']}  {item['submitter']}  {item['code']}: {item['reason']}")
    return 0


@queue.command("requeue")
def requeue_command(
    job_ids: Annotated[
        list[str] | None, typer.Argument(metavar="JOB_ID", help="none: all that failed")
    ] = None,
    *,
    code: ErrorCode = None,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Queue failed jobs again."""
    if remote := connect(server, key):
        selection = {"job_ids": job_ids or None, "code": code}
        queued = remote.call("POST", "/v1/admin/queue/requeue", json=selection)["job_ids"]
    else:
        from ingest.queue.administration import requeue

        with open_local_store(data) as store:
            queued = requeue(
                store.database, DEFAULT_TENANT,
                job_ids=job_ids or None, code=code, author=operator(),
            )  # fmt: skip
    if as_json:
        print_json({"job_ids": queued})
    else:
        print_line(f"{len(queued)} jobs are queued again.")
    return 0


@reingest.command("reingest")
def reingest_command(
    *,
    everything: Annotated[
        bool, typer.Option("--everything", help="read all other documents again too")
    ] = False,
    queue_only: Annotated[
        bool,
        typer.Option(
            "--queue-only", help="leave the work to the workers (always so with --server)"
        ),
    ] = False,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Read the documents again that an older parser or chunker has read."""
    if remote := connect(server, key):
        view = remote.call("POST", "/v1/admin/reingest", json={"everything": everything})
        return _print_reingest(view, as_json=as_json)
    counts = _reingest_locally(data, everything=everything, queue_only=queue_only)
    return _print_reingest(counts, as_json=as_json)


def _reingest_locally(data: Path | None, *, everything: bool, queue_only: bool) -> dict[str, int]:
    """Queue what is outdated, work it unless it is only queued, and return the counts."""
    from api.cli.progress_bar import work_until_ended
    from ingest.lifecycle.reingestion import reingest_outdated

    with open_local_ingestion(data) as ingestion:
        outdated = reingest_outdated(
            ingestion.library, DEFAULT_TENANT, ingestion.dependencies.chunking,
            ingestion.dependencies.screening, submitter=LOCAL_USER, everything=everything,
            author=operator(),
        )  # fmt: skip
        counts = {
            "queued": len(outdated.queued),
            "waiting": outdated.waiting,
            "current": outdated.current,
        }
        if not queue_only:
            actor = Actor(Scope.of(DEFAULT_TENANT, [LOCAL_USER]), LOCAL_USER, "admin")
            counts["failed"] = work_until_ended(ingestion, actor, outdated.queued)
    return counts


def _print_queue(view: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(view)
        return 0
    print_line(f"{view['queued']} queued, {view['running']} running, {view['failed']} failed.")
    if pause := view["pause"]:
        why = f": {pause['reason']}" if pause["reason"] else "."
        print_line(f"Paused by {pause['paused_by']} at {pause['at']}{why}")
    if view["whole_queue_paused"]:
        print_line("The queue is paused for every tenant.")
    return 0


def _print_reingest(counts: dict[str, int], *, as_json: bool) -> int:
    if as_json:
        print_json(counts)
        return 0
    print_line(
        f"{counts['queued']} queued, {counts['waiting']} waited in the queue before, "
        f"{counts['current']} are up to date."
    )
    if failed := counts.get("failed"):
        print_line(f"{failed} could not be read again and stay as they are.")
    return 0
