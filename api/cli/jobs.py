"""``footnote jobs``: list one's uploads, cancel them, try them again."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, open_local_store
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    JobLimit,
    Principals,
    ServerUrl,
    connect,
    print_json,
    print_line,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from api.cli.http_client import Remote


class State(StrEnum):
    """How a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


JobId = Annotated[str, typer.Argument(metavar="JOB_ID", help="the job")]

app = command_group()
jobs = command_group("Follow, cancel and repeat the work on your uploads.")
app.add_typer(jobs, name="jobs")


@jobs.command("list")
def list_command(
    *,
    states: Annotated[
        list[State] | None, typer.Option("--state", help="only these; repeatable")
    ] = None,
    limit: JobLimit = 100,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List your jobs, newest first."""
    if remote := connect(server, key, principals):
        query = {"state": states or [], "limit": limit}
        items = remote.call("GET", "/v1/jobs", params=query)["items"]
    else:
        from ingest.queue.jobs import list_jobs

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            views = list_jobs(store.database, actor, limit=limit, states=states or [])
        items = [asdict(view) for view in views]
    if as_json:
        print_json({"jobs": items})
        return 0
    for item in items:
        document = f"{item['document_id']} v{item['version']}"
        print_line(f"{item['job_id']}  {document}  {describe_state(item)}")
    return 0


@jobs.command("show")
def show_command(
    job_id: JobId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Show a job, stage by stage."""
    remote = connect(server, key, principals)
    view = remote.job(job_id) if remote else _act_locally("show", job_id, data, principals)
    _print_job(view, as_json=as_json)
    for stage in () if as_json else view["stages"]:
        seconds = "" if stage["seconds"] is None else f"{stage['seconds']:8.2f} s"
        share = f"  {stage['done']} of {stage['total']} chunks" if stage["total"] else ""
        print_line(f"  {stage['stage']:7} {stage['state']:8}{seconds}{share}")
    return 0


@jobs.command("cancel")
def cancel_command(
    job_id: JobId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Cancel a job; the document stays searchable as it was before."""
    remote = connect(server, key, principals)
    _print_job(_act("cancel", job_id, remote, data, principals), as_json=as_json)
    return 0


@jobs.command("retry")
def retry_command(
    job_id: JobId,
    *,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Queue a failed or cancelled job again."""
    remote = connect(server, key, principals)
    _print_job(_act("retry", job_id, remote, data, principals), as_json=as_json)
    return 0


def describe_state(view: dict[str, Any]) -> str:
    """Return in one line how a job stands."""
    state = view["state"]
    if state == "running":
        share = f" {view['done']} of {view['total']}" if view["total"] else ""
        return f"running: {view['stage']}{share}"
    return f"{state}: {view['reason']}" if view["reason"] else str(state)


def _act(
    verb: str,
    job_id: str,
    remote: "Remote | None",
    data: Path | None,
    principals: "Sequence[str]",
) -> dict[str, Any]:
    """Cancel or retry a job, at the service or in the data folder, and return it as it stands."""
    if remote:
        return remote.call("POST", f"/v1/jobs/{job_id}/{verb}")
    return _act_locally(verb, job_id, data, principals)


def _act_locally(
    verb: str, job_id: str, data: Path | None, principals: "Sequence[str]"
) -> dict[str, Any]:
    from ingest.queue.jobs import cancel_job, get_job, retry_job

    actions: dict[str, Callable[..., Any]] = {
        "show": get_job,
        "cancel": cancel_job,
        "retry": retry_job,
    }
    with open_local_store(data) as store:
        actor = local_actor(store.database, principals)
        return asdict(actions[verb](store.database, actor, job_id))


def _print_job(view: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(view)
    else:
        print_line(f"{view['job_id']}  {describe_state(view)}")
