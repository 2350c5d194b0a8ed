"""The review queue of one asker: replies that wait for a person, and what was decided before.

A text is known again by a keyed hash, so that the queue holds no word that the policy redacts.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from generate.guardrails.policy import Stage
from generate.types import ReviewNote
from index.access.classes import ensure_tenant
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.reviews import ReviewItem
from index.db.tables.store import Secret
from index.types import Actor


@dataclass(frozen=True, slots=True)
class ReviewTerms:
    """How long a reviewer has, and how long a decision counts."""

    wait: timedelta = timedelta(hours=72)
    """Then the reply is denied."""
    holds: timedelta = timedelta(hours=24)
    """For so long the same question of the same asker needs no second decision."""
    most: int = 100
    """Items of one asker that wait at once; further replies are blocked without one."""
    most_of_tenant: int = 1_000
    """The same for all askers of a tenant."""


@dataclass(frozen=True, slots=True)
class HeldReply:
    """One text that a rule holds."""

    stage: Stage
    text: str
    """As a reviewer sees it."""
    mark: str
    """The digest by which the queue knows the text."""
    rules: tuple[str, ...]


@dataclass(frozen=True)
class ReviewQueue:
    """Holds the replies of one asker, under the policy of one answer."""

    database: Database
    actor: Actor
    terms: ReviewTerms = ReviewTerms()
    documents: frozenset[str] = frozenset()
    """Documents that the conversation drew on: a question may repeat their content."""

    def mark(self, *texts: str) -> str:
        """Return what a text is known by: a keyed hash, white space aside."""
        joined_texts = "\0".join(" ".join(text.split()) for text in texts)
        return hmac.new(self._secret, joined_texts.encode(), hashlib.sha256).hexdigest()

    def approved(self, question: str, policy: str) -> dict[str, frozenset[str]]:
        """Return which rules each approved text of this question may pass, by its mark."""
        with self.database.read() as session:
            rows = self._decided(session, self.mark(question), policy)
            return {
                mark: frozenset(row.rules)
                for row in rows
                if row.state == "approved"
                for mark in row.marks
            }

    def hold(
        self,
        replies: Sequence[HeldReply],
        *,
        question: str,
        visible_question: str,
        policy: str,
        reason: str,
        documents: Sequence[str],
    ) -> ReviewNote | None:
        """Queue texts for a person, once however often the asker asks; none if too many wait.

        Args:
            held: what waits.
            question: as it was asked; only its hash is stored.
            kept: the question as a reviewer sees it.
            policy: the version of the policy.
            reason: why, in words.
            documents: what the texts draw on.

        """
        now, question_mark = utc_now(), self.mark(question)
        marks = list(dict.fromkeys(each.mark for each in replies))
        with self.database.write() as session:
            ensure_tenant(session, self.actor.scope.tenant)
            existing = self._known(session, question_mark, policy, set(marks), now)
            if existing is not None:
                return existing
            if self._is_full(session, now):
                return None
            row = ReviewItem(
                id=f"rev_{secrets.token_hex(12)}",
                tenant=self.actor.scope.tenant,
                asker=self.actor.owner,
                stage=replies[0].stage,
                rules=list(dict.fromkeys(rule for each in replies for rule in each.rules)),
                policy=policy,
                reason=reason,
                question=visible_question,
                text="\n".join(dict.fromkeys(each.text for each in replies)),
                asked=question_mark,
                marks=marks,
                documents=sorted(self.documents.union(documents)),
                expires_at=now + self.terms.wait,
            )
            session.add(row)
            return ReviewNote(row.id, "pending", row.expires_at.isoformat())

    @cached_property
    def _secret(self) -> bytes:
        with self.database.read() as session:
            return session.scalars(select(Secret.value).where(Secret.name == "reviews")).one()

    def _known(
        self, session: Session, question_mark: str, policy: str, marks: set[str], now: datetime
    ) -> ReviewNote | None:
        """Return the item that these texts wait behind already, or that denied one of them."""
        for row in self._decided(session, question_mark, policy):
            if row.state == "denied" and row.decided_at and marks & set(row.marks):
                until = row.decided_at + self.terms.holds
                return ReviewNote(row.id, "denied", until.isoformat())
        for row in session.scalars(
            self._own(question_mark, policy).where(
                ReviewItem.state == "pending", ReviewItem.expires_at > now
            )
        ):
            if marks == set(row.marks):
                return ReviewNote(row.id, "pending", row.expires_at.isoformat())
        return None

    def _decided(self, session: Session, question_mark: str, policy: str) -> Sequence[ReviewItem]:
        since = utc_now() - self.terms.holds
        return session.scalars(
            self._own(question_mark, policy).where(
                ReviewItem.state.in_(("approved", "denied")), ReviewItem.decided_at > since
            )
        ).all()

    def _own(self, question_mark: str, policy: str) -> Select[ReviewItem]:
        return (
            select(ReviewItem)
            .where(
                ReviewItem.tenant == self.actor.scope.tenant,
                ReviewItem.asker == self.actor.owner,
                ReviewItem.asked == question_mark,
                ReviewItem.policy == policy,
            )
            .order_by(ReviewItem.key)
        )

    def _is_full(self, session: Session, now: datetime) -> bool:
        """Tell whether too many items of the asker, or of the tenant, wait."""
        waiting = select(func.count()).where(
            ReviewItem.tenant == self.actor.scope.tenant,
            ReviewItem.state == "pending",
            ReviewItem.expires_at > now,
        )
        own = session.scalars(waiting.where(ReviewItem.asker == self.actor.owner)).one()
        return own >= self.terms.most or session.scalars(waiting).one() >= self.terms.most_of_tenant
