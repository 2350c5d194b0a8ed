"""The table of replies that wait for a person."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, Key, utc_now


class ReviewItem(Base):
    """A reply that the policy holds until a person decides; nobody deciding means no."""

    __tablename__ = "reviews"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    asker: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(12))
    """``before``: a question waits; ``after``: an answer does."""
    rules: Mapped[list[str]]
    policy: Mapped[str] = mapped_column(String(80))
    """The version of the policy; a decision counts under this one alone."""
    reason: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    """The text that waits. Neither text has what the policy redacts: that is stored nowhere."""
    asked: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the question as it was asked."""
    marks: Mapped[list[str]]
    """Keyed hashes of each text that waits, by which an approval knows it again."""
    documents: Mapped[list[str]]
    """Ids of every document that the texts draw on."""
    state: Mapped[str] = mapped_column(String(12), default="pending")
    """``pending``, ``approved``, ``denied`` or ``expired``."""
    expires_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        Index("reviews_by_asker", "tenant", "asker", "asked"),
        Index("reviews_by_state", "tenant", "state"),
        Index("reviews_by_expiry", "state", "expires_at"),
    )
