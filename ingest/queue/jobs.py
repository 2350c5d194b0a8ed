"""A submitter's side of the queue: what became of an upload, cancel it, try it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.documents import Document
from index.db.tables.jobs import Job
from index.errors import NotFoundError
from index.tracing import current_traceparent
from index.types import Actor
from ingest.errors import JobNotRunnableError
from ingest.queue.progress import Stage

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
StageState = Literal["waiting", "running", "done", "stopped"]
Priority = Literal["low", "normal", "high"]
JobKind = Literal["ingest", "reingest"]

PRIORITIES: dict[Priority, int] = {"low": -1, "normal": 0, "high": 1}
"""Names of what ``Job.priority`` holds."""

ENDED = frozenset({"succeeded", "failed", "cancelled"})
"""States that a job leaves only when somebody queues it again."""

CANCELLED = "It was cancelled."

_LAST: dict[str, StageState] = {"running": "running", "failed": "stopped", "cancelled": "stopped"}
"""State of the stage that began last, by the state of its job."""


@dataclass(frozen=True, slots=True)
class StageView:
    """One step of a job."""

    stage: Stage
    state: StageState
    done: int
    """Chunks embedded, of ``total``; both 0 in stages that are done in one go."""
    total: int
    seconds: float | None
    """How long it took, or has taken up to the last report; none while it waits."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its submitter sees it."""

    job_id: str
    document_id: str
    version: int
    kind: JobKind
    """``ingest``, or ``reingest`` for a document that is read again."""
    priority: Priority
    state: JobState
    stage: Stage | None
    done: int
    """Chunks embedded, of ``total``."""
    total: int
    stages: list[StageView]
    """Every stage, in order."""
    attempts: int
    reason: str | None
    """Why it failed, was cancelled or waits for another attempt, in words for a person."""
    code: str | None
    """The error's stable code."""
    created_at: datetime
    updated_at: datetime


def get_job(database: Database, actor: Actor, job_id: str) -> JobView:
    """Return a job to the one who submitted it.

    Raises:
        NotFoundError: it does not exist, or was submitted by somebody else.

    """
    with database.read() as session:
        return job_view(_own_job(session, select(Job), actor, job_id))


def list_jobs(
    database: Database, actor: Actor, *, limit: int = 100, states: Sequence[str] = ()
) -> list[JobView]:
    """Return the actor's jobs, newest first; with ``states``, those in one of them."""
    statement = select(Job).where(*_of(actor)).order_by(Job.key.desc()).limit(limit)
    if states:
        statement = statement.where(Job.state.in_(states))
    with database.read() as session:
        return [job_view(job) for job in session.scalars(statement)]


def cancel_job(database: Database, actor: Actor, job_id: str) -> JobView:
    """Cancel a job of one's own; a running one stops soon and leaves nothing.

    What was searchable before stays searchable. To cancel again changes nothing.

    Raises:
        NotFoundError: it does not exist, or was submitted by somebody else.
        JobNotRunnableError: it has succeeded or failed already.

    """
    with database.write() as session:
        job = _own_job(session, select(Job).with_for_update(), actor, job_id)
        if job.state in {"succeeded", "failed"}:
            raise JobNotRunnableError(f"The job has {job.state} already and cannot be cancelled.")
        if job.state != "cancelled":
            job.state, job.reason, job.code = "cancelled", CANCELLED, None
            job.lease_until, job.updated_at = None, utc_now()
        return job_view(job)


def retry_job(database: Database, actor: Actor, job_id: str) -> JobView:
    """Queue a failed or cancelled job of one's own again, from the start.

    Raises:
        NotFoundError: it does not exist, or was submitted by somebody else.
        JobNotRunnableError: it has not failed, or its version was replaced or deleted meanwhile.

    """
    with database.write() as session:
        job = _own_job(session, select(Job).with_for_update(), actor, job_id)
        if job.state not in {"failed", "cancelled"}:
            raise JobNotRunnableError(f"The job is {job.state}: there is nothing to try again.")
        if session.scalar(select(Job.key).where(Job.key == job.key, is_still_wanted())) is None:
            raise JobNotRunnableError(
                "The document was deleted, or has a later version. There is nothing to repeat."
            )
        queue_again(job)
        return job_view(job)


def queue_again(job: Job) -> None:
    """Make an ended job due at once, as if nobody had tried it yet."""
    now = utc_now()
    job.state, job.stage, job.reason, job.code = "queued", None, None, None
    job.attempts = job.done = job.total = 0
    job.stages = {}
    job.run_after = job.updated_at = now
    job.traceparent = current_traceparent() or job.traceparent


def is_still_wanted() -> ColumnElement[bool]:
    """Return the condition that a job's version is the newest one of a document that is there."""
    return (
        select(Document.key)
        .where(
            Document.key == Job.document_key,
            Document.id == Job.document_id,  # a key may be given again, an id never is
            Document.latest_version == Job.version,
        )
        .exists()
    )


def queue_depth(database: Database) -> int:
    """Count the jobs that are queued or running, over all tenants."""
    with database.read() as session:
        statement = select(func.count()).where(Job.state.in_(("queued", "running")))
        return session.scalar(statement) or 0


def _own_job(session: Session, jobs: Select[Job], actor: Actor, job_id: str) -> Job:
    job = session.scalar(jobs.where(Job.id == job_id, *_of(actor)))
    if job is None:
        raise NotFoundError
    return job


def _of(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Job.tenant == actor.scope.tenant, Job.submitter == actor.owner


def job_view(job: Job) -> JobView:
    """Return what may be told of a job to those who may know of it."""
    names = {number: name for name, number in PRIORITIES.items()}
    return JobView(
        job_id=job.id,
        document_id=job.document_id,
        version=job.version,
        kind=cast("JobKind", job.kind),
        priority=names.get(job.priority, "normal"),
        state=cast("JobState", job.state),
        stage=cast("Stage", job.stage) if job.state == "running" else None,
        done=job.done,
        total=job.total,
        stages=_stages(job),
        attempts=job.attempts,
        reason=job.reason if job.state != "succeeded" else None,
        code=job.code if job.state != "succeeded" else None,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )


def _stages(job: Job) -> list[StageView]:
    views: list[StageView] = []
    later: datetime | None = None
    for stage in reversed(get_args(Stage)):
        reached = job.stages.get(stage)
        if reached is None or job.state == "queued":
            views.append(StageView(stage, "waiting", 0, 0, None))
            continue
        began = datetime.fromisoformat(reached["at"])
        seconds = max(0.0, ((later or job.updated_at) - began).total_seconds())
        state = "done" if later else _LAST.get(job.state, "done")
        done, total = reached.get("done", 0), reached.get("total", 0)
        views.append(StageView(stage, state, total if state == "done" else done, total, seconds))
        later = began
    return views[::-1]
