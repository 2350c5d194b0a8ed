"""Readers' feedback on answers, stored under their own rights and shown to nobody else."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from api.questions.answer_store import readable_answer
from index.db.database import Database
from index.db.tables.questions import Feedback
from index.types import Actor


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """One judgement of one answer."""

    feedback_id: str
    answer_id: str
    rating: int
    comment: str
    created_at: datetime


def give_feedback(
    database: Database, actor: Actor, answer_id: str, *, rating: int, comment: str
) -> FeedbackView:
    """Store a judgement of one's own answer; ``rating`` is 1 or -1.

    Raises:
        NotFoundError: there is no such answer, or not for this actor.

    """
    with database.write() as session:
        answer = readable_answer(session, actor, answer_id)
        row = Feedback(
            id=f"fb_{secrets.token_hex(12)}",
            tenant=actor.scope.tenant,
            author=actor.owner,
            answer_id=answer.id,
            rating=rating,
            comment=comment,
        )
        session.add(row)
        session.flush()
        return _view(row)


def list_feedback(database: Database, actor: Actor, limit: int) -> list[FeedbackView]:
    """Return the actor's own judgements, newest first."""
    with database.read() as session:
        rows = session.scalars(
            select(Feedback)
            .where(Feedback.tenant == actor.scope.tenant, Feedback.author == actor.owner)
            .order_by(Feedback.created_at.desc(), Feedback.id)
            .limit(limit)
        )
        return [_view(row) for row in rows]


def _view(row: Feedback) -> FeedbackView:
    return FeedbackView(row.id, row.answer_id, row.rating, row.comment, row.created_at)
