"""Idempotency keys of asks: a repeat gets what the first ask got, and costs nothing again.

A key belongs to (tenant, principal, route) and binds the body. What it stands for is the stored
answer, read again under the asker's rights of this moment: an answer that drew on a document which
the asker may no longer read is not given again, the question is asked anew.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.errors import AskInProgressError
from api.questions.answer_store import readable_answer
from api.questions.schemas import AskRequest
from generate.rendering.render import answer_from
from generate.types import Answer
from index.access.classes import ensure_tenant
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.questions import IdempotencyKey
from index.errors import NotFoundError
from index.types import Actor
from ingest.errors import IdempotencyConflictError

ROUTE = "POST /v1/ask"
KEPT = timedelta(hours=24)
"""How long a repeat gets the same answer; then the key is as good as new."""
LONGEST_ANSWER = timedelta(minutes=10)
"""A key that is held for longer belonged to a process that died: the next ask takes it over."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """The answer that a key stands for."""

    answer_id: str
    answer: Answer
    documents: tuple[str, ...]
    """What it drew on, the conversation's earlier answers included."""


@dataclass(slots=True)
class Claim:
    """A key in the hands of one ask, until it is answered (``settle``) or fails (``release``)."""

    database: Database
    identity: dict[str, str]
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    earlier: Earlier | None = None
    """Set where there is nothing to do: the answer is given again."""
    begun: bool = False
    """An answer is being written; whoever writes it settles or releases the key."""
    settled: bool = False

    def settle(self, session: Session, answer_id: str) -> None:
        """Let the key stand for an answer, in the transaction that stores it."""
        row = _locked(session, self.identity)
        if row is not None and row.response.get("claim") == self.token:
            row.response = {"answer_id": answer_id}
        self.settled = True

    def release(self) -> None:
        """Give the key back unless it is settled, so that a repeat is asked anew."""
        if self.settled or self.earlier is not None:
            return
        with self.database.write() as session:
            row = _locked(session, self.identity)
            if row is not None and row.response.get("claim") == self.token:
                session.delete(row)


def claim_key(database: Database, actor: Actor, key: str, body: AskRequest) -> Claim:
    """Take a key for an ask, or find the answer that it stands for.

    Raises:
        IdempotencyConflictError: the key was used with another body.
        AskInProgressError: the first ask with this key is not answered yet.

    """
    identity = {
        "tenant": actor.scope.tenant, "principal": actor.owner, "route": ROUTE, "key": key,
    }  # fmt: skip
    claim = Claim(database, identity)
    try:
        with database.write() as session:
            claim.earlier = _claimed(session, actor, claim, _hash(body))
    except IntegrityError:  # another process was quicker by a moment
        raise AskInProgressError from None
    return claim


def forget_keys(database: Database) -> None:
    """Delete the keys of asks that are older than they are kept."""
    with database.write() as session:
        session.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.route == ROUTE, IdempotencyKey.created_at < utc_now() - KEPT
            )
        )


def _claimed(session: Session, actor: Actor, claim: Claim, body_hash: str) -> Earlier | None:
    row = _locked(session, claim.identity)
    if row is None:
        ensure_tenant(session, actor.scope.tenant)
        row = IdempotencyKey(**claim.identity)
        session.add(row)
    elif utc_now() - row.created_at < KEPT:
        if row.body_hash != body_hash:
            raise IdempotencyConflictError("This Idempotency-Key was used for another question.")
        if "claim" in row.response and utc_now() - row.created_at < LONGEST_ANSWER:
            raise AskInProgressError
        if (earlier := _earlier(session, actor, row)) is not None:
            return earlier
    row.body_hash, row.response, row.created_at = body_hash, {"claim": claim.token}, utc_now()
    session.flush()
    return None


def _earlier(session: Session, actor: Actor, row: IdempotencyKey) -> Earlier | None:
    try:
        stored = readable_answer(session, actor, row.response.get("answer_id", ""))
    except NotFoundError:  # deleted with its conversation, or out of the asker's sight
        return None
    return Earlier(stored.id, answer_from(stored.answer), tuple(stored.documents))


def _locked(session: Session, identity: dict[str, str]) -> IdempotencyKey | None:
    return session.get(IdempotencyKey, identity, with_for_update=True)


def _hash(body: AskRequest) -> str:
    return hashlib.sha256(json.dumps(body.model_dump(), sort_keys=True).encode()).hexdigest()
