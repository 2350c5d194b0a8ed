"""The workers' side of the queue: leases with fencing tokens, heartbeats, bounded retries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from index.db.tables.base import utc_now
from index.db.tables.jobs import Job
from index.library import Library
from index.webhooks.outbox import announce
from ingest.cancellation import LOST
from ingest.errors import JobNotRunnableError
from ingest.queue.fair_scheduling import next_tenant, take_turn
from ingest.queue.progress import Progress

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


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one job until it expires; ``fence`` proves it at the commit."""

    job_key: int
    fence: int
    document_key: int
    version: int
    attempts: int
    kind: str = "ingest"
    traceparent: str | None = None
    """The step of a trace that queued the job."""
    due_at: datetime | None = None
    """Since when it could have been taken."""
    length: timedelta = LEASE
    """How long it holds from each sign of life on."""
    progress: Progress = field(default_factory=Progress, compare=False)
    """How far the work is; each write under the lease takes it along."""


def lease_next(
    library: Library,
    worker: str | None = None,
    *,
    length: timedelta = LEASE,
    clock: Callable[[], datetime] = utc_now,
) -> Lease | None:
    """Take the job whose turn it is; none where nothing is due.

    A lease that ends later than any lease can was granted before the clock was set back: it ends
    one lease from now, so that a live worker keeps it by its next beat and a dead one loses it.
    """
    while True:
        now = clock()
        with library.database.write() as session:
            latest = {"latest": now + 2 * length, "lease_until": now + length}
            session.connection().execute(_SHORTEN, latest)
            session.connection().execute(_TAKE_BACK, {"now": now, "run_after": now})
            next_job = take_turn(session, now)
            if next_job is None:
                return None
            if next_job.attempts < MAX_LEASES:
                return _grant(session, next_job.job_key, worker, now, length)
            _give_up(session, next_job.job_key, now)


def anything_due(
    library: Library, *, length: timedelta = LEASE, clock: Callable[[], datetime] = utc_now
) -> bool:
    """Tell whether ``lease_next`` may find a job, without its write lock."""
    now = clock()
    with library.database.read() as session:
        moments = {"now": now, "latest": now + 2 * length}  # worker clocks differ by a little
        expired = session.connection().execute(_ANY_EXPIRED, moments).scalar()
        return expired is not None or next_tenant(session, now) is not None


def jobs_are_due(now: datetime, length: timedelta = LEASE) -> ColumnElement[bool]:
    """Return the condition that ``lease_next`` may find a job."""
    is_due = (Job.state == "queued") & ((Job.run_after <= now) | (Job.updated_at > now))
    is_lost = (Job.lease_until < now) | (Job.lease_until > now + 2 * length)
    return or_(exists().where(is_due), exists().where(Job.state == "running", is_lost))


def _grant(
    session: Session, job_key: int, worker: str | None, now: datetime, length: timedelta
) -> Lease:
    progress = Progress()
    values = {"worker": worker, "lease_until": now + length, "updated_at": now}
    row = session.connection().execute(_GRANT, {"job": job_key, **values, **progress.columns}).one()
    return Lease(
        row.key, row.fence, row.document_key, row.version, row.attempts, row.kind,
        row.traceparent, row.run_after, length, progress,
    )  # fmt: skip


def _give_up(session: Session, job_key: int, now: datetime) -> None:
    values = {"state": "failed", "reason": POISON, "code": "worker-died", "updated_at": now}
    session.connection().execute(_ONE_JOB, {"job": job_key, **values})


def give_back(library: Library, worker: str) -> int:
    """Make the jobs of a dead worker due at once; return how many."""
    with library.database.write() as session:
        values = {"of_worker": worker, "run_after": utc_now()}
        return session.connection().execute(_GIVE_BACK, values).rowcount


def beat(library: Library, lease: Lease) -> None:
    """Extend the lease and write how far the work is.

    Raises:
        JobNotRunnableError: the lease was lost; from now on a report of progress says so, too.

    """
    with library.database.write() as session:
        _touch(session, lease, {})


def look_for_loss(library: Library, lease: Lease) -> bool:
    """Tell whether the lease was lost, without a write; a report of progress raises from now on."""
    with library.database.read() as session:
        is_held = session.execute(_STILL_HELD, {"job": lease.job_key, "held": lease.fence}).first()
    lease.progress.is_lost = lease.progress.is_lost or is_held is None
    return lease.progress.is_lost


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
        if lease.kind == "ingest":
            _announce_failure(session, lease)


def _announce_failure(session: Session, lease: Lease) -> None:
    """Queue the event for webhooks; why it failed is told to the submitter alone, by the job."""
    job = session.get_one(Job, lease.job_key)
    event = {"document_id": job.document_id, "version": lease.version, "state": "failed"}
    announce(session, job.tenant, "document.failed", job.document_id, **event)


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
    extended = {"lease_until": now + lease.length, "updated_at": now}
    identity = {"job": lease.job_key, "held": lease.fence}
    result = session.connection().execute(
        _HELD, {**identity, **extended, **lease.progress.columns, **values}
    )
    if result.rowcount != 1:
        lease.progress.is_lost = True
        raise JobNotRunnableError(LOST)


_ONE_JOB = update(Job).where(Job.key == bindparam("job"))

_HELD = _ONE_JOB.where(Job.fence == bindparam("held"), Job.state == "running")
"""The job while its lease is good."""

_STILL_HELD = select(Job.key).where(
    Job.key == bindparam("job"), Job.fence == bindparam("held"), Job.state == "running"
)

_GRANT = _ONE_JOB.values(state="running", fence=Job.fence + 1, attempts=Job.attempts + 1).returning(
    Job.key, Job.fence, Job.document_key, Job.version, Job.attempts, Job.kind,
    Job.traceparent, Job.run_after,
)  # fmt: skip

_REQUEUE = update(Job).where(Job.state == "running").values(state="queued", lease_until=None)

_GIVE_BACK = _REQUEUE.where(Job.worker == bindparam("of_worker"))

_TAKE_BACK = _REQUEUE.where(Job.lease_until < bindparam("now"))
"""Jobs of silent workers; their fence is out of date with the next lease."""

_SHORTEN = update(Job).where(Job.state == "running", Job.lease_until > bindparam("latest"))

_ANY_EXPIRED = (
    select(Job.key)
    .where(
        Job.state == "running",
        or_(Job.lease_until < bindparam("now"), Job.lease_until > bindparam("latest")),
    )
    .limit(1)
)
