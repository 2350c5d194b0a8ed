"""``footnote jobs``: what becomes of one's uploads, cancel them, try them again."""

import argparse
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

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
)

STATES = ("queued", "running", "succeeded", "failed", "cancelled")


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), asker_options(), server_options(), json_option()]
    jobs = commands.add_parser("jobs", help="what becomes of your uploads")
    verbs = jobs.add_subparsers(metavar="VERB", required=True)
    listed = verbs.add_parser("list", parents=parents, help="list your jobs, newest first")
    listed.add_argument(
        "--state", action="append", default=[], choices=STATES, help="only these; repeatable"
    )
    listed.add_argument("--limit", type=int, default=100, metavar="N", help="default: 100")
    listed.set_defaults(run=list_command)
    for verb, text in (
        ("show", "show a job, stage by stage"),
        ("cancel", "cancel a job; what was searchable before stays searchable"),
        ("retry", "queue a failed or cancelled job again"),
    ):
        parser = verbs.add_parser(verb, parents=parents, help=text)
        parser.add_argument("job_id", metavar="JOB_ID")
        parser.set_defaults(run=job_command, verb=verb)


def list_command(options: argparse.Namespace) -> int:
    """Print one's jobs."""
    if remote := remote_of(options):
        asked = {"state": options.state, "limit": options.limit}
        items = remote.call("GET", "/v1/jobs", params=asked)["items"]
    else:
        from ingest.queue.jobs import list_jobs

        parts = parts_of(options)
        actor = local_actor(options, parts)
        found = list_jobs(parts.library, actor, limit=options.limit, states=options.state)
        items = [asdict(view) for view in found]
    if options.json:
        print_json({"jobs": items})
        return 0
    for item in items:
        print_line(f"{item['job_id']}  {item['document_id']} v{item['version']}  {told(item)}")
    return 0


def job_command(options: argparse.Namespace) -> int:
    """Show, cancel or retry one job."""
    if remote := remote_of(options):
        end = "" if options.verb == "show" else f"/{options.verb}"
        method = "GET" if options.verb == "show" else "POST"
        view = remote.call(method, f"/v1/jobs/{options.job_id}{end}")
    else:
        parts = parts_of(options)
        act = _actions()[options.verb]
        view = asdict(act(parts.library, local_actor(options, parts), options.job_id))
    if options.json:
        print_json(view)
        return 0
    print_line(f"{view['job_id']}  {told(view)}")
    for stage in view["stages"] if options.verb == "show" else ():
        seconds = "" if stage["seconds"] is None else f"{stage['seconds']:8.2f} s"
        share = f"  {stage['done']} of {stage['total']} chunks" if stage["total"] else ""
        print_line(f"  {stage['stage']:7} {stage['state']:8}{seconds}{share}")
    return 0


def told(view: dict[str, Any]) -> str:
    """Say in one line how a job stands."""
    state = view["state"]
    if state == "running":
        share = f" {view['done']} of {view['total']}" if view["total"] else ""
        return f"running: {view['stage']}{share}"
    return f"{state}: {view['reason']}" if view["reason"] else str(state)


def _actions() -> dict[str, Callable[..., Any]]:
    from ingest.queue.jobs import cancel_job, get_job, retry_job

    return {"show": get_job, "cancel": cancel_job, "retry": retry_job}
