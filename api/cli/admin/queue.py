"""``footnote admin queue`` and ``footnote admin reingest``."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_ingestion
from api.cli.option_sets import LocalOptions, TenantActOptions, TenantOptions, takes_options
from api.cli.options import JobLimit
from api.errors import UsageError
from index.types import LOCAL_USER, Actor, Scope

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
@takes_options
def show_command(*, options: TenantOptions) -> int:
    """Say how many jobs wait, run and have failed."""
    if remote := options.connect():
        return _print_queue(remote.call("GET", "/v1/admin/queue"), options)
    from ingest.queue.administration import show_queue

    with options.open_store() as store:
        view = show_queue(store.database, options.tenant)
    return _print_queue(asdict(view), options)


@queue.command("pause")
@takes_options
def pause_command(*, everybody: Everybody = False, options: TenantActOptions) -> int:
    """Let workers take no job; uploads are still accepted. The reason is shown with the queue."""
    if remote := options.connect():
        _refuse_everybody(everybody=everybody)
        body = {"reason": options.reason}
        return _print_queue(remote.call("POST", "/v1/admin/queue/pause", json=body), options)
    from ingest.queue.administration import pause_queue, show_queue

    with options.open_store() as store:
        tenant = _tenant(options, everybody=everybody)
        pause_queue(
            store.database, tenant, by=LOCAL_USER, reason=options.reason, author=options.author
        )
        view = asdict(show_queue(store.database, options.tenant))
    return _print_queue(view, options)


@queue.command("resume")
@takes_options
def resume_command(*, everybody: Everybody = False, options: TenantActOptions) -> int:
    """End a pause."""
    if remote := options.connect():
        _refuse_everybody(everybody=everybody)
        return _print_queue(remote.call("POST", "/v1/admin/queue/resume"), options)
    from ingest.queue.administration import resume_queue, show_queue

    with options.open_store() as store:
        tenant = _tenant(options, everybody=everybody)
        resume_queue(store.database, tenant, author=options.author)
        view = asdict(show_queue(store.database, options.tenant))
    return _print_queue(view, options)


def _refuse_everybody(*, everybody: bool) -> None:
    if everybody:
        raise UsageError("--everybody works on a local data folder; a key is for one tenant.")


def _tenant(options: TenantOptions, *, everybody: bool) -> str:
    from ingest.queue.fair_scheduling import WHOLE_QUEUE

    return WHOLE_QUEUE if everybody else options.tenant


@queue.command("failed")
@takes_options
def failed_command(*, code: ErrorCode = None, limit: JobLimit = 100, options: TenantOptions) -> int:
    """List failed jobs and why they failed."""
    if remote := options.connect():
        query = {"limit": limit, **({} if code is None else {"code": code})}
        items = remote.call("GET", "/v1/admin/queue/failed", params=query)["items"]
    else:
        from ingest.queue.administration import dead_letters

        with options.open_store() as store:
            letters = dead_letters(store.database, options.tenant, code=code, limit=limit)
        items = [asdict(letter) for letter in letters]
    lines = (f"{i['job_id']}  {i['submitter']}  {i['code']}: {i['reason']}" for i in items)
    return options.print({"failed": items}, *lines)


@queue.command("requeue")
@takes_options
def requeue_command(
    job_ids: Annotated[
        list[str] | None, typer.Argument(metavar="JOB_ID", help="none: all that failed")
    ] = None,
    *,
    code: ErrorCode = None,
    options: TenantActOptions,
) -> int:
    """Queue failed jobs again."""
    if remote := options.connect():
        selection = {"job_ids": job_ids or None, "code": code}
        queued = remote.call("POST", "/v1/admin/queue/requeue", json=selection)["job_ids"]
    else:
        from ingest.queue.administration import requeue

        with options.open_store() as store:
            queued = requeue(
                store.database, options.tenant,
                job_ids=job_ids or None, code=code, author=options.author,
            )  # fmt: skip
    return options.print({"job_ids": queued}, f"{len(queued)} jobs are queued again.")


@reingest.command("reingest")
@takes_options
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
    options: TenantActOptions,
) -> int:
    """Read the documents again that an older parser or chunker has read."""
    if remote := options.connect():
        view = remote.call("POST", "/v1/admin/reingest", json={"everything": everything})
        return _print_reingest(view, options)
    counts = _reingest_locally(options, everything=everything, queue_only=queue_only)
    return _print_reingest(counts, options)


def _reingest_locally(
    options: TenantActOptions, *, everything: bool, queue_only: bool
) -> dict[str, int]:
    """Queue what is outdated, work it unless it is only queued, and return the counts."""
    from api.cli.progress_bar import work_until_ended
    from ingest.lifecycle.reingestion import reingest_outdated

    with open_local_ingestion(options.data) as ingestion:
        options.check_tenant(ingestion.library.database)
        outdated = reingest_outdated(
            ingestion.library, options.tenant, ingestion.dependencies.chunking,
            ingestion.dependencies.screening, submitter=LOCAL_USER, everything=everything,
            author=options.author,
        )  # fmt: skip
        counts = {
            "queued": len(outdated.queued),
            "waiting": outdated.waiting,
            "current": outdated.current,
        }
        if not queue_only:
            actor = Actor(Scope.of(options.tenant, [LOCAL_USER]), LOCAL_USER, "admin")
            counts["failed"] = work_until_ended(ingestion, actor, outdated.queued)
    return counts


def _print_queue(view: dict[str, Any], options: LocalOptions) -> int:
    lines = [f"{view['queued']} queued, {view['running']} running, {view['failed']} failed."]
    if pause := view["pause"]:
        why = f": {pause['reason']}" if pause["reason"] else "."
        lines.append(f"Paused by {pause['paused_by']} at {pause['at']}{why}")
    if view["whole_queue_paused"]:
        lines.append("The queue is paused for every tenant.")
    return options.print(view, *lines)


def _print_reingest(counts: dict[str, int], options: LocalOptions) -> int:
    waiting = f"{counts['queued']} queued, {counts['waiting']} waited in the queue before"
    lines = [f"{waiting}, {counts['current']} are up to date."]
    if failed := counts.get("failed"):
        lines.append(f"{failed} could not be read again and stay as they are.")
    return options.print(counts, *lines)
