"""The durable queue: a table, leases with fencing tokens, bounded retries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, CursorResult, and_, func, or_, select, update
from sqlalchemy.orm import Session

from index.errors import NotFoundError
from index.library import Library
from index.tables import Job, utc_now
from index.types import Actor
from ingest.errors import JobNotRunnableError

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Stage = Literal["parse", "chunk", "embed", "commit"]

LEASE = timedelta(seconds=30)
"""How long a silent worker keeps a job; heartbeats extend it."""

MAX_LEASES = 10
"""A job is given up when this many workers died over it."""

POISON = "The worker died each time it tried this file; it was given up."

MAX_ATTEMPTS = 3
"""Tries of a job that fails in a way nobody foresaw."""

BACKOFF = timedelta(seconds=2)
"""Wait before the second attempt; doubled for each one after."""


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its submitter sees it."""

    job_id: str
    document_id: str
    version: int
    state: str
    stage: str | None
    done: int
    """Chunks embedded, of ``total``."""
    total: int
    reason: str | None
    """Why it failed, in words for a person."""
    code: str | None
    """The error's stable code."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one job until it expires; ``fence`` proves it at the commit."""

    job_key: int
    fence: int
    document_key: int
    version: int
    attempts: int


def lease_next(library: Library, worker: str | None = None) -> Lease | None:
    """Take the oldest job that is due, or whose worker has gone silent."""
    now = utc_now()
    due = or_(
        and_(Job.state == "queued", Job.run_after <= now),
        and_(Job.state == "running", Job.lease_until < now),
    )
    with library.database.read() as session:  # look first: an idle worker takes no write lock
        if session.scalar(select(Job.key).where(due).limit(1)) is None:
            return None
    with library.database.write() as session:
        job = session.scalars(
            select(Job).where(due).order_by(Job.key).limit(1).with_for_update(skip_locked=True)
        ).first()
        if job is None:
            return None
        if job.attempts >= MAX_LEASES:
            job.state, job.reason, job.code = "failed", POISON, "worker-died"
            return None
        job.state, job.stage, job.worker = "running", "parse", worker
        job.fence += 1
        job.attempts += 1
        job.lease_until, job.updated_at = now + LEASE, now
        return Lease(job.key, job.fence, job.document_key, job.version, job.attempts)


def give_back(library: Library, worker: str) -> int:
    """Make the jobs of a dead worker due at once; return how many."""
    with library.database.write() as session:
        result = session.execute(
            update(Job)
            .where(Job.state == "running", Job.worker == worker)
            .values(state="queued", run_after=utc_now(), lease_until=None)
        )
        assert isinstance(result, CursorResult)
        return result.rowcount


def report_progress(
    library: Library, lease: Lease, stage: Stage, *, done: int = 0, total: int = 0
) -> None:
    """Extend the lease and tell how far the work is.

    Raises:
        JobNotRunnableError: the lease was lost: cancelled, or another worker has the job.

    """
    values = {"stage": stage, "done": done, "total": total}
    with library.database.write() as session:
        _touch(session, lease, values)


def beat(library: Library, lease: Lease) -> None:
    """Extend the lease alone.

    Raises:
        JobNotRunnableError: the lease was lost.

    """
    with library.database.write() as session:
        _touch(session, lease, {})


def finish(session: Session, lease: Lease) -> None:
    """Mark the job succeeded, in the transaction of its effect.

    Raises:
        JobNotRunnableError: the lease was lost, so the effect must not happen.

    """
    _touch(session, lease, {"state": "succeeded", "stage": None, "lease_until": None})


def fail(library: Library, lease: Lease, *, reason: str, code: str) -> None:
    """End the job with a reason a person understands."""
    values = {"state": "failed", "reason": reason, "code": code, "lease_until": None}
    with library.database.write() as session:
        _touch(session, lease, values)


def retry_later(library: Library, lease: Lease, *, reason: str) -> bool:
    """Queue the job again after a pause; false, and failed, when its attempts are used up."""
    if lease.attempts >= MAX_ATTEMPTS:
        fail(library, lease, reason=reason, code="internal-error")
        return False
    pause = BACKOFF * 2 ** (lease.attempts - 1)
    values = {"state": "queued", "reason": reason, "run_after": utc_now() + pause}
    with library.database.write() as session:
        _touch(session, lease, values)
    return True


def get_job(library: Library, actor: Actor, job_id: str) -> JobView:
    """Return a job to the one who submitted it.

    Raises:
        NotFoundError: it does not exist, or was submitted by somebody else.

    """
    with library.database.read() as session:
        job = session.scalar(select(Job).where(Job.id == job_id, *_mine(actor)))
        if job is None:
            raise NotFoundError
        return _job_view(job)


def list_jobs(library: Library, actor: Actor, *, limit: int = 100) -> list[JobView]:
    """Return the actor's jobs, newest first."""
    statement = select(Job).where(*_mine(actor)).order_by(Job.key.desc()).limit(limit)
    with library.database.read() as session:
        return [_job_view(job) for job in session.scalars(statement)]


def queue_depth(library: Library) -> int:
    """Count the jobs that are queued or running, over all tenants."""
    with library.database.read() as session:
        statement = select(func.count()).where(Job.state.in_(("queued", "running")))
        return session.scalar(statement) or 0


def _mine(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return Job.tenant == actor.scope.tenant, Job.submitter == actor.owner


def _touch(session: Session, lease: Lease, values: Mapping[str, object]) -> None:
    now = utc_now()
    result = session.execute(
        update(Job)
        .where(Job.key == lease.job_key, Job.fence == lease.fence, Job.state == "running")
        .values({"lease_until": now + LEASE, "updated_at": now, **values})
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise JobNotRunnableError("The job was cancelled or taken over by another worker.")


def _job_view(job: Job) -> JobView:
    return JobView(
        job_id=job.id,
        document_id=job.document_id,
        version=job.version,
        state=job.state,
        stage=job.stage if job.state == "running" else None,
        done=job.done,
        total=job.total,
        reason=job.reason if job.state != "succeeded" else None,
        code=job.code if job.state == "failed" else None,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )
