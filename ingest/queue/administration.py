"""An administrator's side of the queue: how it stands, pause and resume, dead letters."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.documents import Document
from index.db.tables.jobs import Job, QueuePause
from index.db.work_signals import signal_work
from index.errors import FootnoteError
from index.tracing import current_traceparent
from index.types import DEFAULT_TENANT
from ingest.queue.fair_scheduling import WHOLE_QUEUE
from ingest.queue.jobs import JobKind, is_still_wanted, queue_again


@dataclass(frozen=True, slots=True)
class PauseView:
    """Who has paused the queue, when and why."""

    paused_by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueueView:
    """How one tenant's queue stands."""

    queued: int
    running: int
    failed: int
    """Dead letters: failed jobs whose version is still wanted."""
    pause: PauseView | None
    """The tenant's own pause."""
    whole_queue_paused: bool
    """The operator has paused every tenant."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A failed job as an administrator sees it: nothing of what the document holds."""

    job_id: str
    document_id: str
    version: int
    kind: JobKind
    submitter: str
    code: str | None
    reason: str | None
    """The meaning of the code; the job's own message is for its submitter alone."""
    attempts: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Work:
    """The order for a new job: what to do, and for whom."""

    submitter: str
    version: int
    kind: str = "ingest"
    priority: int = 0


def enqueue(session: Session, document: Document, work: Work) -> Job:
    """Add a job, in the transaction that makes it necessary."""
    job = Job(
        id=f"job_{secrets.token_hex(12)}",
        tenant=document.tenant,
        submitter=work.submitter,
        document_key=document.key,
        document_id=document.id,
        version=work.version,
        kind=work.kind,
        priority=work.priority,
        traceparent=current_traceparent(),
    )
    session.add(job)
    signal_work(session, "jobs")
    return job


def pause_queue(
    database: Database, tenant: str, *, by: str, reason: str = "", author: Author | None = None
) -> None:
    """Let workers take no job of a tenant (``WHOLE_QUEUE``: of any) until it is resumed.

    Uploads are accepted meanwhile, and what runs is finished.
    """
    with database.write(author or Author(by)) as session:
        session.merge(QueuePause(tenant=tenant, paused_by=by, reason=reason))
        record_act(session, _log_of(tenant), "queue-pause", tenant, shown=reason or None)


def resume_queue(database: Database, tenant: str, *, author: Author | None = None) -> bool:
    """End a pause; tell whether there was one."""
    with database.write(author) as session:
        pause = session.get(QueuePause, tenant)
        if pause is not None:
            session.delete(pause)
            record_act(session, _log_of(tenant), "queue-resume", tenant)
        return pause is not None


def _log_of(tenant: str) -> str:
    """Return the tenant whose audit log has an act on a queue; on all queues, the default one."""
    return DEFAULT_TENANT if tenant == WHOLE_QUEUE else tenant


def is_paused(database: Database, tenant: str) -> bool:
    """Tell whether workers take no job of a tenant now."""
    with database.read() as session:
        return any(session.get(QueuePause, name) for name in (tenant, WHOLE_QUEUE))


def show_queue(database: Database, tenant: str) -> QueueView:
    """Return how the queue of a tenant stands."""
    with database.read() as session:
        rows = session.execute(
            select(Job.state, func.count())
            .where(Job.tenant == tenant, Job.state.in_(("queued", "running")))
            .group_by(Job.state)
        )
        counts = {row[0]: row[1] for row in rows}
        letters = select(func.count()).select_from(Job).where(*_dead(tenant))
        pause = session.get(QueuePause, tenant)
        return QueueView(
            queued=counts.get("queued", 0),
            running=counts.get("running", 0),
            failed=session.scalar(letters) or 0,
            pause=PauseView(pause.paused_by, pause.reason, pause.at) if pause else None,
            whole_queue_paused=session.get(QueuePause, WHOLE_QUEUE) is not None,
        )


def dead_letters(
    database: Database, tenant: str, *, code: str | None = None, limit: int = 100
) -> list[DeadLetter]:
    """Return the failed jobs of a tenant, newest first; with ``code``, those that failed so."""
    statement = select(Job).where(*_dead(tenant, code)).order_by(Job.key.desc()).limit(limit)
    with database.read() as session:
        return [_letter(job) for job in session.scalars(statement)]


def requeue(
    database: Database,
    tenant: str,
    *,
    job_ids: Sequence[str] | None = None,
    code: str | None = None,
    author: Author | None = None,
) -> list[str]:
    """Queue dead letters again: some, those of one code, or all; return the ids of their jobs."""
    statement = select(Job).where(*_dead(tenant, code)).order_by(Job.key)
    if job_ids is not None:
        statement = statement.where(Job.id.in_(job_ids))
    with database.write(author) as session:
        jobs = session.scalars(statement.with_for_update()).all()
        for job in jobs:
            queue_again(job)
        if jobs:
            record_act(session, tenant, "queue-requeue", tenant, jobs=[job.id for job in jobs])
        return [job.id for job in jobs]


def _dead(tenant: str, code: str | None = None) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of a failed job whose version is still wanted."""
    coded = () if code is None else (Job.code == code,)
    return Job.tenant == tenant, Job.state == "failed", is_still_wanted(), *coded


def _letter(job: Job) -> DeadLetter:
    return DeadLetter(
        job_id=job.id,
        document_id=job.document_id,
        version=job.version,
        kind=cast("JobKind", job.kind),
        submitter=job.submitter,
        code=job.code,
        reason=_title_of(job.code),
        attempts=job.attempts,
        created_at=job.created_at,
        updated_at=job.updated_at,
    )


def _title_of(code: str | None) -> str | None:
    """Return what an error's code means: a job's own reason may name what only its owner reads."""
    return next((kind.title for kind in _kinds(FootnoteError) if kind.code == code), code)


def _kinds(kind: type[FootnoteError]) -> Iterator[type[FootnoteError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
