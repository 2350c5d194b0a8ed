"""Stored responses, under their owner's rights of this moment.

A response holds its request; its words are those of the answer that it stands for. So it is
withheld when that answer is: when its owner may no longer read one of the documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, Subquery, delete, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.auth.api_keys import Caller
from api.errors import ParameterError
from api.openai_compatible.response_json import ResponseHead, ResponseState
from api.questions.answer_store import History, shown_answers
from api.questions.conversations import HISTORY
from generate.types import Turn
from index.access.classes import lock_tenant
from index.access.tenants import IS_ACTIVE, check_state
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.questions import AnswerRow, Feedback, StoredResponse
from index.db.work_signals import signal_work
from index.errors import NotFoundError
from index.queue_caps import UNCAPPED, QueueCaps
from index.queue_claims import has_died
from index.types import Actor

GIVEN_UP = timedelta(minutes=1)
"""After so long without a sign of life another process answers a response."""
UNDER_WAY = ("queued", "in_progress")
STATES = (*UNDER_WAY, "completed", "failed", "cancelled")
TURN = timedelta(days=1)
"""Whose turn it is counts the responses that came in so long a time."""


@dataclass(frozen=True, slots=True)
class ResponseRecord:
    """A stored response as its owner may see it now."""

    head: ResponseHead
    state: ResponseState
    answer: dict[str, Any] | None
    """The answer's JSON, once there is one."""
    messages: Sequence[Mapping[str, Any]]
    places: Sequence[Mapping[str, Any]]
    error: str | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingResponse:
    """A response that is to be answered in the background."""

    id: str
    tenant: str
    owner: str
    credential: str
    request: dict[str, Any]


def queue_response(
    database: Database,
    caller: Caller,
    head: ResponseHead,
    request: Mapping[str, Any],
    *,
    caps: QueueCaps = UNCAPPED,
) -> None:
    """Store a response that is answered later; it is durable when this returns.

    Raises:
        QueueFullError: too many of the caller, or of the tenant, wait or are written already.
        TenantSuspendedError: the tenant is suspended.

    """
    actor = caller.actor
    with database.write() as session:
        check_state(lock_tenant(session, actor.scope.tenant).state)  # no two count at once
        caps.check(
            session, actor, StoredResponse, StoredResponse.owner,
            StoredResponse.state.in_(UNDER_WAY), remedy="Wait, or cancel one.",
        )  # fmt: skip
        row = new_row(caller, head)
        row.state, row.request = "queued", dict(request)
        session.add(row)
        signal_work(session, "responses")


def new_row(caller: Caller, head: ResponseHead) -> StoredResponse:
    """Return the row of a response that is being answered."""
    return StoredResponse(
        id=head.id,
        tenant=caller.actor.scope.tenant,
        owner=caller.actor.owner,
        credential=caller.credential,
        state="in_progress",
        previous_id=head.echo["previous_response_id"],
        echo=head.echo,
        messages=[],
        places=[],
        request={},
        created_at=head.created_at,
    )


def get_response(database: Database, actor: Actor, response_id: str) -> ResponseRecord:
    """Return one of the actor's own responses.

    Raises:
        NotFoundError: there is none, it is somebody else's, or its answer is withheld.

    """
    with database.read() as session:
        row = _owned(session, actor, response_id)
        answer_row = _answer(session, row)
        if answer_row is not None and not shown_answers(session, actor, [answer_row]):
            raise NotFoundError
        question = answer_row.question if answer_row else ""
        head = ResponseHead(row.id, dict(row.echo), question, row.created_at)
        answer = {**answer_row.answer, "answer_id": answer_row.id} if answer_row else None
        return ResponseRecord(
            head, cast("ResponseState", row.state), answer, list(row.messages), list(row.places),
            row.error, row.completed_at,
        )  # fmt: skip


def delete_response(database: Database, actor: Actor, response_id: str) -> None:
    """Delete one of the actor's own responses, and its answer where no conversation has it.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.write(actor.author) as session:
        row = _owned(session, actor, response_id, for_update=True)
        answer = _answer(session, row)
        session.delete(row)
        session.flush()
        if answer is not None and answer.conversation_id is None:
            session.execute(delete(Feedback).where(Feedback.answer_id == answer.id))
            session.delete(answer)
        record_act(session, row.tenant, "response-delete", response_id)


def cancel_response(database: Database, actor: Actor, response_id: str) -> None:
    """Cancel one of the actor's own background responses; one that has ended stays as it is.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
        ParameterError: it is not a background response.

    """
    with database.write() as session:
        row = _owned(session, actor, response_id, for_update=True)
        if not row.echo["background"]:
            raise ParameterError("Only a background response can be cancelled.", "response_id")
        if row.state in UNDER_WAY:
            row.state, row.request, row.completed_at = "cancelled", {}, utc_now()


def response_history(
    database: Database, actor: Actor, response_id: str, param: str = "previous_response_id"
) -> History:
    """Return the turns up to a response and with it; withheld answers are left out.

    Raises:
        ParameterError: there is no such response, or it is somebody else's.

    """
    with database.read() as session:
        try:
            chain = _chain(session, actor, response_id)
        except NotFoundError:
            raise ParameterError("There is no such response that you may see.", param) from None
        answers = {row.id: _answer(session, row) for row in chain}
        readable_ids = {
            row.id for row in shown_answers(session, actor, [*filter(None, answers.values())])
        }
        turns: list[Turn] = []
        documents: set[str] = set()
        for row in reversed(chain):
            answer = answers[row.id]
            if answer is not None and answer.id in readable_ids:
                turns += [*_sent_turns(row), Turn("user", answer.question)]
                turns.append(Turn("assistant", answer.answer["text"]))
                documents.update(answer.documents)
    return History(None, tuple(turns), frozenset(documents))


def claim_response(database: Database) -> WaitingResponse | None:
    """Take the response whose turn it is, or that a dead process has left.

    The tenant that was served longest ago is next, and in it the person.
    """
    now = utc_now()
    waits = _waits(now)
    with database.read() as session:  # looking often must not take the writers' lock
        if session.scalar(select(StoredResponse.id).where(waits).limit(1)) is None:
            return None
    with database.write() as session:
        by_turn = _by_turn(select(StoredResponse).where(waits), now).limit(1)
        row = session.scalar(by_turn.with_for_update(skip_locked=True, of=StoredResponse))
        if row is None:
            return None
        row.state, row.claimed_at = "in_progress", now
        return WaitingResponse(row.id, row.tenant, row.owner, row.credential, dict(row.request))


def _by_turn(statement: Select[StoredResponse], now: datetime) -> Select[StoredResponse]:
    """Order responses by when their tenant and their owner were last served, then by age."""
    tenant, owner = StoredResponse.tenant, StoredResponse.owner
    tenants, people = _last_served(now, tenant), _last_served(now, tenant, owner)
    return (
        statement.outerjoin(tenants, tenants.c.tenant == tenant)
        .outerjoin(people, (people.c.tenant == tenant) & (people.c.owner == owner))
        .order_by(
            tenants.c.at.nulls_first(), people.c.at.nulls_first(),
            StoredResponse.created_at, StoredResponse.id,
        )
    )  # fmt: skip


def _last_served(now: datetime, *whose: InstrumentedAttribute[str]) -> Subquery:
    """Return when a response of each tenant, or of each person, was last worked on."""
    is_recent = StoredResponse.state.in_(STATES) & (StoredResponse.created_at > now - TURN)
    last = func.max(StoredResponse.claimed_at).label("at")
    served = select(*whose, last).where(is_recent, StoredResponse.claimed_at <= now)
    return served.group_by(*whose).subquery()


def responses_are_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that ``claim_response`` may find a response."""
    return select(StoredResponse.id).where(_waits(now)).exists()


def _waits(now: datetime) -> ColumnElement[bool]:
    is_lost = has_died(StoredResponse.claimed_at, now, GIVEN_UP)
    is_active = select(Tenant.id).where(Tenant.id == StoredResponse.tenant, IS_ACTIVE).exists()
    return or_(
        (StoredResponse.state == "queued") & is_active,
        (StoredResponse.state == "in_progress") & is_lost,
    )


def is_still_wanted(database: Database, response_id: str) -> bool:
    """Say that a response is being written, and tell whether it was not cancelled or deleted."""
    with database.write() as session:
        row = session.get(StoredResponse, response_id, with_for_update=True)
        if row is None or row.state != "in_progress":
            return False
        row.claimed_at = utc_now()
        return True


def give_back(database: Database, response_id: str) -> None:
    """Let a response that is not answered yet wait again; others' turns come before."""
    with database.write() as session:
        row = session.get(StoredResponse, response_id, with_for_update=True)
        if row is not None and row.state == "in_progress":
            row.state, row.claimed_at = "queued", utc_now()


def fail_response(database: Database, response_id: str, error: str) -> None:
    """Note why a response has no answer; one that was cancelled stays so."""
    with database.write() as session:
        row = session.get(StoredResponse, response_id, with_for_update=True)
        if row is not None and row.state == "in_progress":
            row.state, row.error, row.request, row.completed_at = "failed", error, {}, utc_now()


def _chain(session: Session, actor: Actor, response_id: str) -> list[StoredResponse]:
    """Return a response and those that it goes on from, newest first."""
    chain = [_owned(session, actor, response_id)]
    while len(chain) < HISTORY and (previous_id := chain[-1].previous_id) is not None:
        try:
            chain.append(_owned(session, actor, previous_id))
        except NotFoundError:  # deleted since
            break
    return chain


def _sent_turns(row: StoredResponse) -> list[Turn]:
    return [
        Turn(message["role"], message["text"])
        for message in row.messages
        if message["role"] in {"user", "assistant"}
    ]


def _owned(
    session: Session, actor: Actor, response_id: str, *, for_update: bool = False
) -> StoredResponse:
    row = session.get(StoredResponse, response_id, with_for_update=for_update)
    if row is None or (row.tenant, row.owner) != (actor.scope.tenant, actor.owner):
        raise NotFoundError
    return row


def _answer(session: Session, row: StoredResponse) -> AnswerRow | None:
    return session.scalar(select(AnswerRow).where(AnswerRow.id == row.answer_id))
