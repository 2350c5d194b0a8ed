"""The workers' side of the queue: leases with fencing tokens, heartbeats, bounded retries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.orm import Session

from index.library import Library
from index.tables import Job, utc_now
from ingest.errors import JobNotRunnableError
from ingest.turns import next_tenant, take_turn

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

DELAY = timedelta(seconds=30)
"""Wait of a job that this machine cannot do now, through no fault of the file."""

LOST = "The job was cancelled or taken over by another worker."


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one job until it expires; ``fence`` proves it at the commit."""

    job_key: int
    fence: int
    document_key: int
    version: int
    attempts: int
    kind: str = "ingest"


def lease_next(library: Library, worker: str | None = None) -> Lease | None:
    """Take the job whose turn it is; none where nothing is due."""
    now = utc_now()
    while _anything_due(library, now):  # look first: an idle worker takes no write lock
        with library.database.write() as session:
            _take_back_expired(session, now)
            job = take_turn(session, now)
            if job is None:
                return None
            if job.attempts < MAX_LEASES:
                return _grant(job, worker, now)
            job.state, job.reason, job.code, job.updated_at = "failed", POISON, "worker-died", now
    return None


def _grant(job: Job, worker: str | None, now: datetime) -> Lease:
    job.state, job.stage, job.worker = "running", "parse", worker
    job.stages = {"parse": {"at": now.isoformat()}}
    job.fence += 1
    job.attempts += 1
    job.done = job.total = 0
    job.lease_until, job.updated_at = now + LEASE, now
    return Lease(job.key, job.fence, job.document_key, job.version, job.attempts, job.kind)


def _anything_due(library: Library, now: datetime) -> bool:
    expired = select(Job.key).where(Job.state == "running", Job.lease_until < now).limit(1)
    with library.database.read() as session:
        return next_tenant(session, now) is not None or session.scalar(expired) is not None


def _take_back_expired(session: Session, now: datetime) -> None:
    """Queue the jobs of silent workers again; their fence is out of date with the next lease."""
    session.execute(
        update(Job)
        .where(Job.state == "running", Job.lease_until < now)
        .values(state="queued", run_after=now, lease_until=None)
    )


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
    now = utc_now()
    with library.database.write() as session:
        job = session.scalars(select(Job).where(*_held(lease)).with_for_update()).first()
        if job is None:
            raise JobNotRunnableError(LOST)
        began = job.stages.get(stage, {}).get("at", now.isoformat())
        job.stages = {**job.stages, stage: {"at": began, "done": done, "total": total}}
        job.stage, job.done, job.total = stage, done, total
        job.lease_until, job.updated_at = now + LEASE, now


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
    _end(session, lease, "succeeded", reason=None, code=None)


def fail(library: Library, lease: Lease, *, reason: str, code: str) -> None:
    """End the job with a reason a person understands; it is a dead letter from now on."""
    with library.database.write() as session:
        _end(session, lease, "failed", reason=reason, code=code)


def refuse(session: Session, lease: Lease, *, reason: str, code: str) -> None:
    """End the job as failed, in the transaction of what its failure brings about.

    It is an ingestion from now on, whatever it was: nothing of its version is searchable.

    Raises:
        JobNotRunnableError: the lease was lost, so nothing must happen.

    """
    values = {"state": "failed", "reason": reason, "code": code, "lease_until": None}
    _touch(session, lease, {**values, "kind": "ingest"})


def withdraw(library: Library, lease: Lease, *, reason: str) -> None:
    """End a job that has nothing left to do."""
    with library.database.write() as session:
        _end(session, lease, "cancelled", reason=reason, code=None)


def retry_later(library: Library, lease: Lease, *, reason: str, code: str) -> bool:
    """Queue the job again after a pause; false, and failed, when its attempts are used up."""
    if lease.attempts >= MAX_ATTEMPTS:
        fail(library, lease, reason=reason, code=code)
        return False
    pause = BACKOFF * 2 ** (lease.attempts - 1)
    _requeue(library, lease, pause, {"reason": reason, "code": code})
    return True


def delay(library: Library, lease: Lease, *, reason: str, code: str) -> bool:
    """Queue the job again for when this machine may be able to do it; no attempt is used up."""
    values = {"reason": reason, "code": code, "attempts": lease.attempts - 1}
    _requeue(library, lease, DELAY, values)
    return True


def _requeue(
    library: Library, lease: Lease, pause: timedelta, values: Mapping[str, object]
) -> None:
    again = {"state": "queued", "run_after": utc_now() + pause, "lease_until": None}
    with library.database.write() as session:
        _touch(session, lease, {**again, **values})


def _end(
    session: Session, lease: Lease, state: str, *, reason: str | None, code: str | None
) -> None:
    values = {"state": state, "reason": reason, "code": code, "lease_until": None}
    _touch(session, lease, values)


def _touch(session: Session, lease: Lease, values: Mapping[str, object]) -> None:
    now = utc_now()
    result = session.execute(
        update(Job)
        .where(*_held(lease))
        .values({"lease_until": now + LEASE, "updated_at": now, **values})
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise JobNotRunnableError(LOST)


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return Job.key == lease.job_key, Job.fence == lease.fence, Job.state == "running"
