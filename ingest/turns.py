"""Whose turn it is: one tenant's ten thousand files never starve another's one.

Tenants take turns; within a tenant the highest priority goes first, and among jobs of one priority
the submitters take turns; a submitter's own jobs go in order of arrival. A turn is one job. The
choice is a function of the tables alone, so it is the same in every worker and on every database.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from index.database import next_value
from index.tables import Job, QueuePause, QueueTurn, Tenant

WHOLE_QUEUE = ""
"""The tenant of a pause that holds for all of them."""

_THE_TENANT = ""
"""The submitter of a turn that is the tenant's own."""


def next_tenant(session: Session, now: datetime) -> str | None:
    """Return the tenant whose turn it is, of those that have a job due and are not paused."""
    turn = aliased(QueueTurn)
    paused = exists().where(or_(QueuePause.tenant == Tenant.id, QueuePause.tenant == WHOLE_QUEUE))
    return session.scalar(
        select(Tenant.id)
        .outerjoin(turn, (turn.tenant == Tenant.id) & (turn.submitter == _THE_TENANT))
        .where(exists().where(Job.tenant == Tenant.id, *_due(now)), ~paused)
        .order_by(func.coalesce(turn.served, 0), Tenant.id)
        .limit(1)
    )


def take_turn(session: Session, now: datetime) -> Job | None:
    """Return the job that is next, locked, and note whose turn it was; none where nothing is due.

    Turns are given one at a time: the lock of their counter is held to the commit.
    """
    served = next_value(session, "queue")
    tenant = next_tenant(session, now)
    if tenant is None:
        return None
    chosen = _next_submitter(session, tenant, now)
    if chosen is None:  # cancelled since the tenant was chosen
        return None
    priority, submitter = chosen
    for name in (_THE_TENANT, submitter):
        session.merge(QueueTurn(tenant=tenant, submitter=name, served=served))
    return session.scalars(
        select(Job)
        .where(Job.tenant == tenant, Job.submitter == submitter, Job.priority == priority)
        .where(*_due(now))
        .order_by(Job.key)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _next_submitter(session: Session, tenant: str, now: datetime) -> tuple[int, str] | None:
    waiting = (
        select(Job.priority, Job.submitter)
        .where(Job.tenant == tenant, *_due(now))
        .distinct()
        .subquery()
    )
    turn = aliased(QueueTurn)
    row = session.execute(
        select(waiting.c.priority, waiting.c.submitter)
        .outerjoin(turn, (turn.tenant == tenant) & (turn.submitter == waiting.c.submitter))
        .order_by(waiting.c.priority.desc(), func.coalesce(turn.served, 0), waiting.c.submitter)
        .limit(1)
    ).first()
    return (row.priority, row.submitter) if row else None


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.state == "queued", Job.run_after <= now
