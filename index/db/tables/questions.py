"""Tables: conversations, answers, feedback, idempotency keys and usage."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.row_seals import Sealed
from index.db.tables.base import Base, Key, utc_now


class IdempotencyKey(Base):
    """An answer given once for (tenant, principal, route, key); repeats get the same."""

    __tablename__ = "idempotency_keys"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(200), primary_key=True)
    route: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    response: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class DailyUsage(Base):
    """The cost of one user's questions on one day (UTC), by model."""

    __tablename__ = "daily_usage"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(String(200), primary_key=True)
    model: Mapped[str] = mapped_column(String(200), primary_key=True)
    asks: Mapped[int]
    """Answers whose words are this model's; ``quote`` for verbatim sentences."""
    cached: Mapped[int]
    """Those of them that were given again from the cache."""
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[float] = mapped_column(Float)


class Conversation(Sealed, Base):
    """A thread of questions by one user."""

    __tablename__ = "conversations"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(Text, default="")
    own_metadata: Mapped[dict[str, Any]] = mapped_column(
        "metadata", default=dict, server_default="{}"
    )
    """Pairs of the owner's own."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class AnswerRow(Sealed, Base):
    """An answer as it left the service, with the documents it drew on."""

    __tablename__ = "answers"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(String(40), unique=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    asker: Mapped[str] = mapped_column(String(200))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]]
    documents: Mapped[list[str]]
    """Ids of every document whose text was put before the model."""
    scores: Mapped[dict[str, Any] | None]
    """The scores of a live evaluation, by metric; none where the answer was not in the sample."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class StoredResponse(Base):
    """A response of OpenAI's API: its request, how far it is, and the answer it stands for."""

    __tablename__ = "responses"
    __table_args__ = (
        Index("responses_by_answer", "answer_id"),
        Index("responses_by_state", "state", "created_at"),
    )
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    owner: Mapped[str] = mapped_column(String(200))
    credential: Mapped[str] = mapped_column(String(200))
    """The credential that came with the request: what is answered later has its rights."""
    state: Mapped[str] = mapped_column(String(12))
    """``queued``, ``in_progress``, ``completed``, ``failed`` or ``cancelled``."""
    answer_id: Mapped[str | None] = mapped_column(ForeignKey("answers.id"))
    previous_id: Mapped[str | None] = mapped_column(String(40))
    """The response whose conversation it goes on with."""
    echo: Mapped[dict[str, Any]]
    """The parameters that a response repeats."""
    messages: Mapped[list[dict[str, Any]]]
    """The request's messages before its question, as the policy lets them be kept."""
    places: Mapped[list[dict[str, Any]]]
    """The places of the search's results, without a word of them."""
    request: Mapped[dict[str, Any]]
    """The whole request for as long as it waits; then nothing."""
    error: Mapped[str | None] = mapped_column(Text)
    claimed_at: Mapped[datetime | None]
    """When a process began to answer it; one that died long ago gives it up."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    completed_at: Mapped[datetime | None]


class Feedback(Base):
    """A reader's judgement of an answer."""

    __tablename__ = "feedback"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    author: Mapped[str] = mapped_column(String(200))
    answer_id: Mapped[str] = mapped_column(ForeignKey("answers.id"))
    rating: Mapped[int]
    """1 for good, -1 for bad."""
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
