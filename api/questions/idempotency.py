"""Idempotency keys of asks: a repeat gets the answer of the first ask, and costs nothing again.

A key belongs to (tenant, principal, route) and binds the body. It stands for a stored answer, which
is read under the asker's rights of this moment. Where the answer drew on a document that the asker
may no longer read, the question is answered again.
"""

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import anyio
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

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
LIFETIME = timedelta(hours=24)
"""How long a repeat gets the same answer; then the key counts as new."""
LONGEST_ANSWER = timedelta(minutes=10)
"""A key that is reserved for longer belongs to a process that died; the next ask takes it over."""

_RESERVED = "claim"
"""Where the stored row has the token of the ask that holds the key."""


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """The answer that a key stands for."""

    answer_id: str
    answer: Answer
    documents: tuple[str, ...]
    """The documents it drew on, those of the conversation's earlier answers included."""


@dataclass(slots=True)
class KeyReservation:
    """A key that one ask holds until it is answered (``settle``) or fails (``release``)."""

    database: Database
    identity: dict[str, str]
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    earlier: EarlierAnswer | None = None
    """The answer that a repeat gets; none: the question is to be answered."""
    is_answering: bool = False
    """A thread is writing the answer; it settles or releases the key."""
    is_settled: bool = False

    def settle(self, session: Session, answer_id: str) -> None:
        """Let the key stand for an answer, in the transaction that stores the answer."""
        row = _locked(session, self.identity)
        if row is not None and row.response.get(_RESERVED) == self.token:
            row.response = {"answer_id": answer_id}
        self.is_settled = True

    def release(self) -> None:
        """Give the key back unless it stands for an answer, so that a repeat is answered."""
        if self.is_settled or self.earlier is not None:
            return
        with self.database.write() as session:
            row = _locked(session, self.identity)
            if row is not None and row.response.get(_RESERVED) == self.token:
                session.delete(row)


@asynccontextmanager
async def reserved_key(
    database: Database, actor: Actor, key: str | None, body: AskRequest
) -> AsyncIterator[KeyReservation | None]:
    """Reserve a key for the length of the block, or for as long as a thread is answering.

    Yields none where the ask has no key.

    Raises:
        IdempotencyConflictError: the key was used with another body.
        AskInProgressError: the first ask with this key is not answered yet.

    """
    if key is None:
        yield None
        return
    reservation = await run_in_threadpool(reserve_key, database, actor, key, body)
    try:
        yield reservation
    finally:
        if not reservation.is_answering:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(reservation.release)


@contextmanager
def answering(reservation: KeyReservation | None) -> Iterator[None]:
    """Hold the key while a thread answers, even where the request ends first."""
    if reservation is None:
        yield
        return
    reservation.is_answering = True
    try:
        yield
    finally:
        reservation.release()


def reserve_key(database: Database, actor: Actor, key: str, body: AskRequest) -> KeyReservation:
    """Reserve a key for an ask, or find the answer that it stands for.

    Raises:
        IdempotencyConflictError: the key was used with another body.
        AskInProgressError: the first ask with this key is not answered yet.

    """
    identity = {
        "tenant": actor.scope.tenant, "principal": actor.owner, "route": ROUTE, "key": key,
    }  # fmt: skip
    reservation = KeyReservation(database, identity)
    try:
        with database.write() as session:
            reservation.earlier = _reserved(session, actor, reservation, _hash(body))
    except IntegrityError:  # another process was quicker by a moment
        raise AskInProgressError from None
    return reservation


def forget_keys(database: Database) -> None:
    """Delete the keys of asks whose lifetime is over."""
    is_over = (
        IdempotencyKey.route == ROUTE, IdempotencyKey.created_at < utc_now() - LIFETIME
    )  # fmt: skip
    if database.finds(select(IdempotencyKey.created_at).where(*is_over)):
        with database.write() as session:
            session.execute(delete(IdempotencyKey).where(*is_over))


def _reserved(
    session: Session, actor: Actor, reservation: KeyReservation, body_hash: str
) -> EarlierAnswer | None:
    row = _locked(session, reservation.identity)
    if row is None:
        ensure_tenant(session, actor.scope.tenant)
        row = IdempotencyKey(**reservation.identity)
        session.add(row)
    elif utc_now() - row.created_at < LIFETIME:
        if row.body_hash != body_hash:
            raise IdempotencyConflictError("This Idempotency-Key was used for another question.")
        if _RESERVED in row.response and utc_now() - row.created_at < LONGEST_ANSWER:
            raise AskInProgressError
        if (earlier := _earlier(session, actor, row)) is not None:
            return earlier
    row.body_hash, row.created_at = body_hash, utc_now()
    row.response = {_RESERVED: reservation.token}
    session.flush()
    return None


def _earlier(session: Session, actor: Actor, row: IdempotencyKey) -> EarlierAnswer | None:
    try:
        answer_row = readable_answer(session, actor, row.response.get("answer_id", ""))
    except NotFoundError:  # deleted with its conversation, or out of the asker's sight
        return None
    return EarlierAnswer(answer_row.id, answer_from(answer_row.answer), tuple(answer_row.documents))


def _locked(session: Session, identity: dict[str, str]) -> IdempotencyKey | None:
    return session.get(IdempotencyKey, identity, with_for_update=True)


def _hash(body: AskRequest) -> str:
    return hashlib.sha256(json.dumps(body.model_dump(), sort_keys=True).encode()).hexdigest()
