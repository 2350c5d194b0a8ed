"""The job queue, for administrators of a tenant. They see no content and no file names."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.dependencies import CurrentDatabase, CurrentIngestion, CurrentLibrary
from api.documents.schemas import PauseRequest, ReingestRequest, RequeueRequest
from api.errors import RoleError
from api.openapi.problems import problem_responses
from api.routes.guarded_route import GuardedRoute
from ingest.lifecycle.reingestion import reingest_outdated
from ingest.queue.administration import (
    DeadLetter,
    QueueView,
    dead_letters,
    pause_queue,
    requeue,
    resume_queue,
    show_queue,
)

router = APIRouter(
    prefix="/v1/admin",
    tags=["admin"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)


class DeadLetterList(BaseModel):
    """Failed jobs, newest first."""

    items: list[DeadLetter]


class Requeued(BaseModel):
    """The jobs that are queued again."""

    job_ids: list[str]


class ReingestView(BaseModel):
    """How many documents were queued to be read again, and why the others were not."""

    queued: int
    waiting: int
    """Documents whose job waits or runs already."""
    current: int
    """Documents that today would be read the same way."""


@router.get("/queue")
def show(actor: CurrentAdmin, database: CurrentDatabase) -> QueueView:
    """Say how your tenant's queue stands, and whether it is paused."""
    return show_queue(database, actor.scope.tenant)


@router.post("/queue/pause")
def pause(
    actor: CurrentAdmin, database: CurrentDatabase, body: PauseRequest | None = None
) -> QueueView:
    """Let workers take no job of your tenant until it is resumed; uploads are still accepted."""
    tenant = actor.scope.tenant
    reason = body.reason if body else ""
    pause_queue(database, tenant, by=actor.owner, reason=reason, author=actor.author)
    return show_queue(database, tenant)


@router.post("/queue/resume")
def resume(actor: CurrentAdmin, database: CurrentDatabase) -> QueueView:
    """End your tenant's pause."""
    resume_queue(database, actor.scope.tenant, author=actor.author)
    return show_queue(database, actor.scope.tenant)


@router.get("/queue/failed")
def show_failed(
    actor: CurrentAdmin,
    database: CurrentDatabase,
    code: Annotated[str | None, Query(max_length=40, examples=["internal-error"])] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeadLetterList:
    """List the jobs that failed and whose document is still there, with their reasons."""
    tenant = actor.scope.tenant
    return DeadLetterList(items=dead_letters(database, tenant, code=code, limit=limit))


@router.post("/queue/requeue")
def queue_again(actor: CurrentAdmin, database: CurrentDatabase, body: RequeueRequest) -> Requeued:
    """Queue failed jobs again: those that are named, those of one code, or all."""
    tenant = actor.scope.tenant
    queued = requeue(database, tenant, job_ids=body.job_ids, code=body.code, author=actor.author)
    return Requeued(job_ids=queued)


@router.post("/reingest", status_code=202)
def reingest(
    actor: CurrentAdmin,
    library: CurrentLibrary,
    ingestion: CurrentIngestion,
    body: ReingestRequest | None = None,
) -> ReingestView:
    """Queue every document again that an older parser or chunker has read."""
    outcome = reingest_outdated(
        library,
        actor.scope.tenant,
        ingestion.chunking,
        ingestion.screening,
        submitter=actor.owner,
        author=actor.author,
        everything=bool(body and body.everything),
    )
    return ReingestView(
        queued=len(outcome.queued), waiting=outcome.waiting, current=outcome.current
    )
