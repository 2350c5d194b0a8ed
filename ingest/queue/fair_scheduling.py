"""Whose turn it is: one tenant's ten thousand files never starve another's one.

Tenants take turns; within a tenant the highest priority goes first, and among jobs of one priority
the submitters take turns; a submitter's own jobs go in order of arrival. A turn is one job. The
choice is a function of the tables alone, so it is the same in every worker and on every database.

The statements are made once, and run past the ORM: either would cost more than the database does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from index.db.database import next_value
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.jobs import Job, QueuePause, QueueTurn

WHOLE_QUEUE = ""
"""The tenant of a pause that holds for all of them."""

_THE_TENANT = ""
"""The submitter of a turn that is the tenant's own."""


@dataclass(frozen=True, slots=True)
class Next:
    """The job whose turn it is."""

    job_key: int
    attempts: int
    """Leases of it so far."""


def next_tenant(session: Session, now: datetime) -> str | None:
    """Return the tenant whose turn it is, of those with a job due.

    Paused and suspended ones are left out.
    """
    return session.connection().execute(_NEXT_TENANT, {"now": now}).scalar()


def take_turn(session: Session, now: datetime) -> Next | None:
    """Return the job that is next, locked, and note whose turn it was; none where nothing is due.

    Turns are given one at a time: the lock of their counter is held to the commit.
    """
    served = next_value(session, "queue")
    tenant = next_tenant(session, now)
    if tenant is None:
        return None
    values = {"of_tenant": tenant, "now": now}
    submitter_row = session.connection().execute(_NEXT_SUBMITTER, values).first()
    if submitter_row is None:  # cancelled since the tenant was chosen
        return None
    _note_turn(session, tenant, submitter_row.submitter, served)
    job = session.connection().execute(_NEXT_JOB, {**values, **submitter_row._asdict()}).first()
    return Next(*job) if job else None


def _note_turn(session: Session, tenant: str, submitter: str, served: int) -> None:
    names = [_THE_TENANT, submitter]
    values = {"of_tenant": tenant, "names": names, "served": served}
    if session.connection().execute(_NOTE_TURN, values).rowcount == len(names):
        return
    for name in names:  # one of them has its first turn
        session.merge(QueueTurn(tenant=tenant, submitter=name, served=served))


def longest_wait(session: Session) -> timedelta | None:
    """Return how long the job has waited that could have been taken first; none where none waits.

    Paused queues and suspended tenants count: their jobs wait, too.
    """
    now = utc_now()
    waiting = (Job.state == "queued", Job.run_after <= now)
    oldest = session.scalar(select(func.min(Job.run_after)).where(*waiting))
    return None if oldest is None else now - oldest


_TURN = aliased(QueueTurn)

_SERVED = func.coalesce(_TURN.served, 0)

_OF_TENANT: BindParameter[str] = bindparam("of_tenant")

_DUE = (
    Job.state == "queued",
    or_(Job.run_after <= bindparam("now"), Job.updated_at > bindparam("now")),
)
"""A job that was queued later than now was queued before the clock was set back: it is due."""

_PAUSED = exists().where(or_(QueuePause.tenant == Tenant.id, QueuePause.tenant == WHOLE_QUEUE))

_NEXT_TENANT = (
    select(Tenant.id)
    .outerjoin(_TURN, (_TURN.tenant == Tenant.id) & (_TURN.submitter == _THE_TENANT))
    .where(Tenant.state == "active", exists().where(Job.tenant == Tenant.id, *_DUE), ~_PAUSED)
    .order_by(_SERVED, Tenant.id)
    .limit(1)
)

_WAITING = (
    select(Job.priority, Job.submitter).where(Job.tenant == _OF_TENANT, *_DUE).distinct().subquery()
)

_NEXT_SUBMITTER = (
    select(_WAITING.c.priority, _WAITING.c.submitter)
    .outerjoin(_TURN, (_TURN.tenant == _OF_TENANT) & (_TURN.submitter == _WAITING.c.submitter))
    .order_by(_WAITING.c.priority.desc(), _SERVED, _WAITING.c.submitter)
    .limit(1)
)

_NEXT_JOB = (
    select(Job.key, Job.attempts)
    .where(
        Job.tenant == _OF_TENANT,
        Job.submitter == bindparam("submitter"),
        Job.priority == bindparam("priority"),
        *_DUE,
    )
    .order_by(Job.key)
    .limit(1)
    .with_for_update(skip_locked=True)
)

_NOTE_TURN = update(QueueTurn).where(
    QueueTurn.tenant == _OF_TENANT, QueueTurn.submitter.in_(bindparam("names", expanding=True))
)
"""Takes ``served`` besides."""
