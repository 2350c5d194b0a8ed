"""Jobs: what became of an upload."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from api.auth import CurrentActor
from api.service import CurrentService
from ingest.jobs import JobView, get_job, list_jobs

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


class JobList(BaseModel):
    """The jobs you submitted, newest first."""

    items: list[JobView]


@router.get("")
def show_jobs(
    service: CurrentService,
    actor: CurrentActor,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JobList:
    """List your jobs, newest first."""
    return JobList(items=list_jobs(service.library, actor, limit=limit))


@router.get("/{job_id}")
def show_job(
    service: CurrentService,
    actor: CurrentActor,
    job_id: Annotated[str, Path(max_length=40, examples=["job_0123456789abcdef01234567"])],
) -> JobView:
    """Return one of your jobs: its state, and why it failed where it did."""
    return get_job(service.library, actor, job_id)
