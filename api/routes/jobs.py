"""Jobs: what became of an upload, cancel it, try it again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase
from api.documents.job_stream import job_events
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from ingest.errors import JobNotRunnableError
from ingest.queue.jobs import JobState, JobView, cancel_job, get_job, list_jobs, retry_job

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], route_class=GuardedRoute)

JobId = Annotated[str, Path(max_length=40, examples=["job_0123456789abcdef01234567"])]


EVENTS = "text/event-stream"
EXAMPLE = (
    'event: progress\ndata: {"job_id": "job_0123456789abcdef01234567", "state": "running", ...}\n\n'
)


class JobList(BaseModel):
    """The jobs you submitted, newest first."""

    items: list[JobView]


@router.get("")
def show_jobs(
    actor: CurrentActor,
    database: CurrentDatabase,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    state: Annotated[list[JobState] | None, Query(description="Only these; repeatable.")] = None,
) -> JobList:
    """List your jobs, newest first."""
    return JobList(items=list_jobs(database, actor, limit=limit, states=state or ()))


@router.get("/{job_id}")
def show_job(actor: CurrentActor, database: CurrentDatabase, job_id: JobId) -> JobView:
    """Return one of your jobs: its state, its stages, and why it failed where it did."""
    return get_job(database, actor, job_id)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {EVENTS: {"example": EXAMPLE}}}},
)
def follow_job(actor: CurrentActor, database: CurrentDatabase, job_id: JobId) -> StreamingResponse:
    """Send server-sent events: ``progress`` at each change, ``done`` when the job has ended."""
    view = get_job(database, actor, job_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = job_events(database, actor, view)
    return StreamingResponse(events, media_type=EVENTS, headers=headers)


@router.post("/{job_id}/cancel", responses=problem_responses(JobNotRunnableError))
def stop_job(actor: CurrentActor, database: CurrentDatabase, job_id: JobId) -> JobView:
    """Cancel one of your jobs; what was searchable before stays searchable."""
    return cancel_job(database, actor, job_id)


@router.post("/{job_id}/retry", responses=problem_responses(JobNotRunnableError))
def try_again(actor: CurrentActor, database: CurrentDatabase, job_id: JobId) -> JobView:
    """Queue one of your failed or cancelled jobs again."""
    return retry_job(database, actor, job_id)
