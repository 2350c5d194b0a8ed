"""Tables: evaluation runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, utc_now


class EvaluationRun(Base):
    """One evaluation: what was measured, with what, and the figures."""

    __tablename__ = "evaluation_runs"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    report: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="succeeded", server_default="succeeded")
    """``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``."""
    reason: Mapped[str | None] = mapped_column(Text)
    request: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The request, and the name of the credential that came with it."""
    claimed_at: Mapped[datetime | None]
    """When a process last worked on it; one that died long ago gives it up."""
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
