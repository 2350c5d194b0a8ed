"""The queue of replies that wait for a reviewer: who may see and who may decide an item.

Curators and administrators of a tenant review. A reviewer who may not read every document that an
item draws on sees which rule holds it and since when, and nothing else; so an item shows nobody
more of a document than the document's own access list does.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from api.errors import ReviewDecidedError, ReviewNotYoursError
from api.questions.answer_store import shown_answers
from api.settings import Settings
from generate.guardrails.review_queue import ReviewTerms
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.reviews import ReviewItem
from index.errors import NotFoundError
from index.types import Actor
from index.webhooks.outbox import announce

State = Literal["pending", "approved", "denied", "expired"]
Verb = Literal["approve", "deny"]


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A held reply as one person may see it; a field is none where it is not for that person."""

    review_id: str
    state: State
    stage: str
    """``before``: a question waits; ``after``: an answer does."""
    created_at: datetime
    expires_at: datetime
    decided_at: datetime | None
    rules: list[str] | None = None
    policy: str | None = None
    reason: str | None = None
    asker: str | None = None
    question: str | None = None
    text: str | None = None
    """The text that waits, without the words that the policy redacts."""
    decided_by: str | None = None
    note: str | None = None
    readable: bool = False
    """Whether this person may read every document that the item draws on."""
    decidable: bool = False
    """Whether this person may decide now."""


def review_terms(settings: Settings) -> ReviewTerms:
    """Return how long a held reply waits and how long a decision counts."""
    return ReviewTerms(
        wait=timedelta(hours=settings.review_hours),
        holds=timedelta(hours=settings.review_decision_hours),
        most=settings.reviews_per_person,
        most_of_tenant=settings.reviews_per_tenant,
    )


def list_reviews(
    database: Database, actor: Actor, *, state: State | None = None, limit: int = 100
) -> list[ReviewView]:
    """Return the tenant's items for a reviewer: first those that wait, then the newest."""
    with database.read() as session:
        rows = session.scalars(
            select(ReviewItem)
            .where(ReviewItem.tenant == actor.scope.tenant, *_in_state(state))
            .order_by(
                ReviewItem.decided_at.is_not(None), ReviewItem.expires_at, ReviewItem.key.desc()
            )
            .limit(limit)
        ).all()
        readable_keys = {row.key for row in shown_answers(session, actor, rows)}
        return [_review(row, actor, readable=row.key in readable_keys) for row in rows]


def get_review(database: Database, actor: Actor, review_id: str) -> ReviewView:
    """Return an item: its state to its asker, as much as may be read to a reviewer.

    Raises:
        NotFoundError: there is none, or it is not for this actor.

    """
    with database.read() as session:
        row = session.scalar(_one(actor, review_id))
        if row is None:
            raise NotFoundError
        return _shown(session, row, actor)


def decide_review(
    database: Database,
    actor: Actor,
    review_id: str,
    verb: Verb,
    *,
    note: str = "",
    own: bool = False,
) -> ReviewView:
    """Let a held reply through, or deny it; ``own`` also lets the asker decide.

    Raises:
        NotFoundError: there is none, or the actor is neither its asker nor a reviewer.
        ReviewNotYoursError: it is the reviewer's own, or draws on what the reviewer may not read.
        ReviewDecidedError: somebody decided before, or its time is up.

    """
    with database.write(actor.author) as session:
        row = session.scalar(_one(actor, review_id).with_for_update())
        if row is None or not actor.is_curator:
            raise NotFoundError
        if row.asker == actor.owner and not own:
            raise ReviewNotYoursError("Your own reply waits here; another reviewer decides.")
        if not _reads_all(session, row, actor):
            raise ReviewNotYoursError("You may not read every document that this draws on.")
        if (state := _state(row)) != "pending":
            raise ReviewDecidedError(f"{row.id} is {state} already.")
        row.state = "approved" if verb == "approve" else "denied"
        row.note = note
        row.decided_by, row.decided_at = actor.owner, utc_now()
        record_act(session, row.tenant, f"review-{verb}", row.id)
        event = {"review_id": row.id, "state": row.state}
        announce(session, row.tenant, "review.decided", row.id, **event)
        return _review(row, actor, readable=True)


def expire_reviews(database: Database) -> int:
    """Mark the items that nobody decided in time; return how many there were."""
    is_over = (ReviewItem.state == "pending", ReviewItem.expires_at <= utc_now())
    if not database.finds(select(ReviewItem.key).where(*is_over)):
        return 0
    with database.write() as session:
        expired_keys = session.execute(
            update(ReviewItem).where(*is_over).values(state="expired").returning(ReviewItem.key)
        )
        return len(expired_keys.all())


def decided_reviews(database: Database, actor: Actor) -> list[ReviewView]:
    """Return the decided items that this reviewer may see whole, oldest first."""
    with database.read() as session:
        rows = session.scalars(
            select(ReviewItem)
            .where(
                ReviewItem.tenant == actor.scope.tenant,
                ReviewItem.state.in_(("approved", "denied")),
            )
            .order_by(ReviewItem.decided_at, ReviewItem.key)
        ).all()
        readable_rows = shown_answers(session, actor, rows)
        views = [_review(row, actor, readable=True) for row in readable_rows]
    return [view for view in views if view.readable]


def _one(actor: Actor, review_id: str) -> Select[ReviewItem]:
    statement = select(ReviewItem).where(
        ReviewItem.id == review_id, ReviewItem.tenant == actor.scope.tenant
    )
    if actor.is_curator:
        return statement
    return statement.where(ReviewItem.asker == actor.owner)


def _in_state(state: State | None) -> list[ColumnElement[bool]]:
    """Return the condition; an item whose time is up is expired, swept or not."""
    late = ReviewItem.expires_at <= utc_now()
    match state:
        case None:
            return []
        case "pending":
            return [ReviewItem.state == "pending", ~late]
        case "expired":
            return [ReviewItem.state.in_(("pending", "expired")), late]
        case _:
            return [ReviewItem.state == state]


def _state(row: ReviewItem) -> State:
    late = row.state == "pending" and row.expires_at <= utc_now()
    return "expired" if late else row.state  # type: ignore[return-value]


def _shown(session: Session, row: ReviewItem, actor: Actor) -> ReviewView:
    return _review(row, actor, readable=_reads_all(session, row, actor))


def _reads_all(session: Session, row: ReviewItem, actor: Actor) -> bool:
    return bool(shown_answers(session, actor, [row]))


def _review(row: ReviewItem, actor: Actor, *, readable: bool) -> ReviewView:
    reviews = actor.is_curator
    whole = reviews and readable
    state = _state(row)
    return ReviewView(
        review_id=row.id,
        state=state,
        stage=row.stage,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        rules=row.rules if reviews else None,
        policy=row.policy if reviews else None,
        reason=row.reason if reviews else None,
        asker=row.asker if whole else None,
        question=row.question if whole else None,
        text=row.text if whole else None,
        decided_by=row.decided_by if whole else None,
        note=row.note if whole else None,
        readable=whole,
        decidable=whole and state == "pending" and row.asker != actor.owner,
    )
