"""Conversations and stored answers, under their owner's rights of this moment.

An answer is withheld when its asker may no longer read one of its documents as it was then. A
withheld answer is not shown, and it is no part of the history for the next question.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.questions.answer_store import TITLE_LENGTH, History, owned_conversation, shown_answers
from generate.types import Turn
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.questions import AnswerRow, Conversation, Feedback, StoredResponse
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.types import Actor

HISTORY = 10
"""Earlier turns that a question is answered with."""


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation without its turns."""

    conversation_id: str
    title: str
    created_at: datetime
    metadata: dict[str, str]
    """Pairs of the owner's own."""
    id: str
    """The conversation's id, as OpenAI's API names it."""
    object: Literal["conversation"] = "conversation"


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One question and its answer; ``answer`` is none where it is withheld."""

    answer_id: str
    question: str
    answer: dict[str, Any] | None
    withheld: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation and its turns, oldest first."""

    conversation_id: str
    title: str
    turns: list[StoredTurn]
    created_at: datetime
    metadata: dict[str, str]
    id: str
    object: Literal["conversation"] = "conversation"


def create_conversation(
    database: Database, actor: Actor, title: str = "", metadata: Mapping[str, str] | None = None
) -> ConversationView:
    """Start a conversation."""
    row = Conversation(
        id=f"conv_{secrets.token_hex(12)}",
        tenant=actor.scope.tenant,
        owner=actor.owner,
        title=title[:TITLE_LENGTH],
        own_metadata=dict(metadata or {}),
    )
    with database.write() as session:
        session.add(row)
        session.flush()
        return _view(row)


def list_conversations(database: Database, actor: Actor, limit: int) -> list[ConversationView]:
    """Return the actor's conversations, newest first."""
    with database.read() as session:
        rows = session.scalars(
            select(Conversation)
            .where(Conversation.tenant == actor.scope.tenant, Conversation.owner == actor.owner)
            .order_by(Conversation.created_at.desc(), Conversation.id)
            .limit(limit)
        )
        return [_view(row) for row in rows]


def get_conversation(database: Database, actor: Actor, conversation_id: str) -> StoredConversation:
    """Return one of the actor's conversations and its turns, oldest first.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.read() as session:
        return _detail(session, actor, owned_conversation(session, actor, conversation_id))


def label_conversation(
    database: Database, actor: Actor, conversation_id: str, metadata: Mapping[str, str]
) -> ConversationView:
    """Give one of the actor's conversations other metadata.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.write() as session:
        row = owned_conversation(session, actor, conversation_id, for_update=True)
        row.own_metadata = dict(metadata)
        return _view(row)


def delete_conversation(
    database: Database,
    actor: Actor,
    conversation_id: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
) -> None:
    """Delete a conversation, its answers, and the feedback and responses on them.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
        PreconditionFailedError: it is in another state than the deletion is meant for.

    """
    with database.write(actor.author) as session:
        row = owned_conversation(session, actor, conversation_id, for_update=True)
        precondition.check(lambda: entity_tag(_detail(session, actor, row)))
        answers = select(AnswerRow.id).where(AnswerRow.conversation_id == row.id)
        session.execute(delete(StoredResponse).where(StoredResponse.answer_id.in_(answers)))
        session.execute(delete(Feedback).where(Feedback.answer_id.in_(answers)))
        session.execute(delete(AnswerRow).where(AnswerRow.conversation_id == row.id))
        session.delete(row)
        record_act(session, row.tenant, "conversation-delete", row.id)


def history_of(database: Database, actor: Actor, conversation_id: str | None) -> History:
    """Return the history of a conversation, or an empty one where there is no conversation.

    Raises:
        NotFoundError: there is no such conversation, or it is somebody else's.

    """
    if conversation_id is None:
        return History()
    with database.read() as session:
        row = owned_conversation(session, actor, conversation_id)
        rows = _answer_rows(session, row.id)
        latest = shown_answers(session, actor, rows)[-HISTORY:]
        turns = tuple(
            turn
            for row in latest
            for turn in (Turn("user", row.question), Turn("assistant", row.answer["text"]))
        )
        drawn_on = frozenset(name for row in latest for name in row.documents)
    return History(conversation_id, turns, drawn_on)


def _detail(session: Session, actor: Actor, row: Conversation) -> StoredConversation:
    turns = _turns(session, actor, row.id)
    return StoredConversation(row.id, row.title, turns, row.created_at, row.own_metadata, row.id)


def _turns(session: Session, actor: Actor, conversation_id: str) -> list[StoredTurn]:
    rows = _answer_rows(session, conversation_id)
    readable_ids = {row.id for row in shown_answers(session, actor, rows)}
    return [_turn(row, withheld=row.id not in readable_ids) for row in rows]


def _answer_rows(session: Session, conversation_id: str) -> Sequence[AnswerRow]:
    return session.scalars(
        select(AnswerRow)
        .where(AnswerRow.conversation_id == conversation_id)
        .order_by(AnswerRow.key)
    ).all()


def _turn(row: AnswerRow, *, withheld: bool) -> StoredTurn:
    answer = None if withheld else row.answer
    return StoredTurn(row.id, row.question, answer, withheld, row.created_at)


def _view(row: Conversation) -> ConversationView:
    return ConversationView(row.id, row.title, row.created_at, row.own_metadata, row.id)
