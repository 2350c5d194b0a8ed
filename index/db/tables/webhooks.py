"""Tables: webhooks, and what is to be sent to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, utc_now


class Webhook(Base):
    """A URL that somebody wants to be told at."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    credential: Mapped[str] = mapped_column(String(200))
    """The key or identity that made it; the owner has the rights that this gives at the moment."""
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    secret: Mapped[str] = mapped_column(String(80))
    """The key of the signatures; it is needed for each, so it cannot be a hash."""
    former_secret: Mapped[str | None] = mapped_column(String(80))
    """The secret before, which signs too for a while."""
    former_secret_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Attempts in a row that failed."""
    attempted_at: Mapped[datetime | None]
    """When it had its last turn; who waits longest is next."""
    disabled_at: Mapped[datetime | None]
    disabled_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (Index("webhooks_by_tenant", "tenant"),)


class WebhookDelivery(Base):
    """One event for one webhook; written in the transaction that brings the event about."""

    __tablename__ = "webhook_deliveries"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The same for every attempt, so that the receiver recognises a repeat."""
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id"))
    event: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    """The id of what the event is about."""
    data: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="pending")
    """``pending``, ``delivered`` or ``failed``."""
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    """When it is to be sent next; while it is being sent, when another process may take it."""
    status: Mapped[int | None]
    """The HTTP status of the last attempt; none where there was no answer."""
    error: Mapped[str | None] = mapped_column(String(300))
    occurred_at: Mapped[datetime] = mapped_column(default=utc_now)
    attempted_at: Mapped[datetime | None]
    __table_args__ = (
        Index("webhook_deliveries_due", "state", "due_at"),
        Index("webhook_deliveries_by_webhook", "webhook_id", "occurred_at"),
    )
