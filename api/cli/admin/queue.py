"""``footnote admin queue`` and ``footnote admin reingest``."""

import argparse
from dataclasses import asdict
from typing import Any

from api.cli.options import (
    LOCAL_USER,
    data_options,
    json_option,
    parts_of,
    print_json,
    print_line,
    remote_of,
    server_options,
)
from api.errors import UsageError
from index.types import DEFAULT_TENANT, Actor, Scope


def add_commands(nouns: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), server_options(), json_option()]
    queue = nouns.add_parser("queue", help="the job queue")
    verbs = queue.add_subparsers(metavar="VERB", required=True)
    show = verbs.add_parser("show", parents=parents, help="say how the queue stands")
    show.set_defaults(run=show_command)
    for verb, text in (
        ("pause", "let workers take no job; uploads are still accepted"),
        ("resume", "end a pause"),
    ):
        parser = verbs.add_parser(verb, parents=parents, help=text)
        parser.add_argument(
            "--everybody", action="store_true", help="every tenant (local data folder only)"
        )
        parser.set_defaults(run=pause_command, verb=verb, reason="")
        if verb == "pause":
            parser.add_argument("--reason", default="", metavar="TEXT", help="shown with the queue")
    failed = verbs.add_parser(
        "failed", parents=parents, help="list failed jobs and why they failed"
    )
    failed.add_argument("--code", metavar="CODE", help="only those that failed with this code")
    failed.add_argument("--limit", type=int, default=100, metavar="N", help="default: 100")
    failed.set_defaults(run=failed_command)
    requeue = verbs.add_parser("requeue", parents=parents, help="queue failed jobs again")
    requeue.add_argument("job_ids", nargs="*", metavar="JOB_ID", help="none: all that failed")
    requeue.add_argument("--code", metavar="CODE", help="only those that failed with this code")
    requeue.set_defaults(run=requeue_command)
    _add_reingest(nouns, parents)


def _add_reingest(nouns: Any, parents: list[argparse.ArgumentParser]) -> None:
    reingest = nouns.add_parser(
        "reingest",
        parents=parents,
        help="read documents anew that an older parser or chunker has read",
    )
    reingest.add_argument("--everything", action="store_true", help="all the others too")
    reingest.add_argument(
        "--queue-only",
        action="store_true",
        help="leave the work to the workers (always so with --server)",
    )
    reingest.set_defaults(run=reingest_command)


def show_command(options: argparse.Namespace) -> int:
    """Print how the queue stands."""
    if remote := remote_of(options):
        return _print_queue(options, remote.call("GET", "/v1/admin/queue"))
    from ingest.queue.administration import show_queue

    return _print_queue(options, asdict(show_queue(parts_of(options).library, DEFAULT_TENANT)))


def pause_command(options: argparse.Namespace) -> int:
    """Pause or resume the queue."""
    if remote := remote_of(options):
        if options.everybody:
            raise UsageError("--everybody works on a local data folder; a key is for one tenant.")
        body = {"json": {"reason": options.reason}} if options.verb == "pause" else {}
        return _print_queue(options, remote.call("POST", f"/v1/admin/queue/{options.verb}", **body))
    from ingest.queue.administration import pause_queue, resume_queue, show_queue
    from ingest.queue.fair_scheduling import WHOLE_QUEUE

    library = parts_of(options).library
    tenant = WHOLE_QUEUE if options.everybody else DEFAULT_TENANT
    if options.verb == "pause":
        pause_queue(library, tenant, by=LOCAL_USER, reason=options.reason)
    else:
        resume_queue(library, tenant)
    return _print_queue(options, asdict(show_queue(library, DEFAULT_TENANT)))


def failed_command(options: argparse.Namespace) -> int:
    """Print the dead letters."""
    if remote := remote_of(options):
        asked = {"code": options.code, "limit": options.limit}
        given = {name: value for name, value in asked.items() if value is not None}
        items = remote.call("GET", "/v1/admin/queue/failed", params=given)["items"]
    else:
        from ingest.queue.administration import dead_letters

        library = parts_of(options).library
        found = dead_letters(library, DEFAULT_TENANT, code=options.code, limit=options.limit)
        items = [asdict(letter) for letter in found]
    if options.json:
        print_json({"failed": items})
        return 0
    for item in items:
        print_line(f"{item['job_id']}  {item['submitter']}  {item['code']}: {item['reason']}")
    return 0


def requeue_command(options: argparse.Namespace) -> int:
    """Queue dead letters again."""
    asked = {"job_ids": options.job_ids or None, "code": options.code}
    if remote := remote_of(options):
        job_ids = remote.call("POST", "/v1/admin/queue/requeue", json=asked)["job_ids"]
    else:
        from ingest.queue.administration import requeue

        job_ids = requeue(parts_of(options).library, DEFAULT_TENANT, **asked)
    if options.json:
        print_json({"job_ids": job_ids})
    else:
        print_line(f"{len(job_ids)} jobs are queued again.")
    return 0


def reingest_command(options: argparse.Namespace) -> int:
    """Queue what is outdated and, on a local data folder, read it anew."""
    if remote := remote_of(options):
        body = {"everything": options.everything}
        return _print_reingest(options, remote.call("POST", "/v1/admin/reingest", json=body))
    from api.cli.progress_bar import work_until_ended

    parts = parts_of(options)
    found = parts.reingest(DEFAULT_TENANT, submitter=LOCAL_USER, everything=options.everything)
    counts = {"queued": len(found.queued), "waiting": found.waiting, "current": found.current}
    if not options.queue_only:
        actor = Actor(Scope.of(DEFAULT_TENANT, [LOCAL_USER]), LOCAL_USER, "admin")
        counts["failed"] = work_until_ended(parts, actor, found.queued)
    return _print_reingest(options, counts)


def _print_queue(options: argparse.Namespace, view: dict[str, Any]) -> int:
    if options.json:
        print_json(view)
        return 0
    print_line(f"{view['queued']} queued, {view['running']} running, {view['failed']} failed.")
    if pause := view["pause"]:
        why = f": {pause['reason']}" if pause["reason"] else "."
        print_line(f"Paused by {pause['paused_by']} at {pause['at']}{why}")
    if view["whole_queue_paused"]:
        print_line("The queue is paused for every tenant.")
    return 0


def _print_reingest(options: argparse.Namespace, counts: dict[str, int]) -> int:
    if options.json:
        print_json(counts)
        return 0
    print_line(
        f"{counts['queued']} queued, {counts['waiting']} on their way already, "
        f"{counts['current']} read as they would be today."
    )
    if failed := counts.get("failed"):
        print_line(f"{failed} could not be read anew and stay as they are.")
    return 0
