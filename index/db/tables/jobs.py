"""Tables: the job queue, its turns and pauses."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, Key, utc_now


class Job(Base):
    """Work on one version of one document, leased to one worker at a time."""

    __tablename__ = "jobs"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    submitter: Mapped[str] = mapped_column(String(200))
    document_key: Mapped[int] = mapped_column(BigInteger)
    """No foreign key: a job outlives its document."""
    document_id: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12), default="ingest")
    """``ingest`` makes a version searchable, ``reingest`` reads a searchable one again."""
    priority: Mapped[int] = mapped_column(default=0)
    """The highest goes first within its tenant: 1 high, 0 normal, -1 low."""
    state: Mapped[str] = mapped_column(String(12), default="queued")
    """``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``."""
    stage: Mapped[str | None] = mapped_column(String(12))
    """``parse``, ``chunk``, ``embed`` or ``commit``."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Progress inside the stage, in chunks."""
    stages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """When each stage of the present attempt began, and how far it came."""
    reason: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    """Grows with each lease; an effect with an older fence is refused."""
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None] = mapped_column(String(16))
    """Token of the process that holds the lease."""
    run_after: Mapped[datetime] = mapped_column(default=utc_now)
    traceparent: Mapped[str | None] = mapped_column(String(55))
    """The step of a trace that queued it, so that the work belongs to the same trace."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        Index("jobs_by_state", "state", "run_after"),
        Index("jobs_by_turn", "tenant", "state", "priority", "submitter", "run_after"),
        Index("jobs_by_submitter", "tenant", "submitter"),
        Index("jobs_by_document", "document_key"),
    )


class QueueTurn(Base):
    """When a tenant, or a submitter within it, last had a job taken: the longest ago is next."""

    __tablename__ = "queue_turns"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    submitter: Mapped[str] = mapped_column(String(200), primary_key=True)
    """Empty for the tenant as a whole."""
    served: Mapped[int] = mapped_column(BigInteger)


class QueuePause(Base):
    """Workers take no job of this tenant until the row is gone; what runs is finished."""

    __tablename__ = "queue_pauses"
    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Empty for the whole queue."""
    paused_by: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)
