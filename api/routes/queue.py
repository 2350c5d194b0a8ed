"""The job queue, for administrators of a tenant. They see no content and no file names."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.auth.dependencies import CurrentAdmin
from api.documents.schemas import PauseRequest, ReingestRequest, RequeueRequest
from api.service import CurrentService
from ingest.queue.administration import (
    DeadLetter,
    QueueView,
    dead_letters,
    pause_queue,
    requeue,
    resume_queue,
    show_queue,
)

router = APIRouter(prefix="/v1/admin", tags=["admin"])


class DeadLetterList(BaseModel):
    """Failed jobs, newest first."""

    items: list[DeadLetter]


class Requeued(BaseModel):
    """The jobs that are queued again."""

    job_ids: list[str]


class ReingestView(BaseModel):
    """What was found and queued."""

    queued: int
    waiting: int
    """Documents whose job waits or runs already."""
    current: int
    """Documents that today would be read the same way."""


@router.get("/queue")
def show(service: CurrentService, actor: CurrentAdmin) -> QueueView:
    """Say how your tenant's queue stands, and whether it is paused."""
    return show_queue(service.library, actor.scope.tenant)


@router.post("/queue/pause")
def pause(
    service: CurrentService, actor: CurrentAdmin, body: PauseRequest | None = None
) -> QueueView:
    """Let workers take no job of your tenant until it is resumed; uploads are still accepted."""
    tenant = actor.scope.tenant
    pause_queue(service.library, tenant, by=actor.owner, reason=body.reason if body else "")
    return show_queue(service.library, tenant)


@router.post("/queue/resume")
def resume(service: CurrentService, actor: CurrentAdmin) -> QueueView:
    """End your tenant's pause."""
    resume_queue(service.library, actor.scope.tenant)
    return show_queue(service.library, actor.scope.tenant)


@router.get("/queue/failed")
def show_failed(
    service: CurrentService,
    actor: CurrentAdmin,
    code: Annotated[str | None, Query(max_length=40, examples=["internal-error"])] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeadLetterList:
    """List the jobs that failed and whose document is still there, with their reasons."""
    tenant = actor.scope.tenant
    return DeadLetterList(items=dead_letters(service.library, tenant, code=code, limit=limit))


@router.post("/queue/requeue")
def queue_again(service: CurrentService, actor: CurrentAdmin, body: RequeueRequest) -> Requeued:
    """Queue failed jobs again: those that are named, those of one code, or all."""
    tenant = actor.scope.tenant
    return Requeued(job_ids=requeue(service.library, tenant, job_ids=body.job_ids, code=body.code))


@router.post("/reingest", status_code=202)
def read_anew(
    service: CurrentService, actor: CurrentAdmin, body: ReingestRequest | None = None
) -> ReingestView:
    """Queue every document that was read by an older parser or chunker to be read anew."""
    found = service.parts.reingest(
        actor.scope.tenant, submitter=actor.owner, everything=bool(body and body.everything)
    )
    return ReingestView(queued=len(found.queued), waiting=found.waiting, current=found.current)
