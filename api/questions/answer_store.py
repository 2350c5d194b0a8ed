"""Stores answers and reads them again, under the reader's own rights."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from generate.rendering.render import answer_json
from generate.types import Answer, Turn
from index.access.classes import readable
from index.db.database import Database
from index.db.tables.documents import Document
from index.db.tables.questions import AnswerRow, Conversation
from index.db.tables.reviews import ReviewItem
from index.errors import NotFoundError
from index.types import Actor

AnswerHolder = TypeVar("AnswerHolder", AnswerRow, ReviewItem)


TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class History:
    """The earlier turns of a conversation, for its next question."""

    conversation_id: str | None = None
    turns: tuple[Turn, ...] = ()
    """Oldest first, withheld answers left out."""
    documents: frozenset[str] = frozenset()
    """The documents those answers drew on: the next answer may repeat them, so it inherits them."""


def record_answer(
    database: Database,
    actor: Actor,
    question: str,
    answer: Answer,
    history: History,
    in_transaction: Callable[[Session, str], None] = lambda _session, _answer_id: None,
) -> str:
    """Store an answer with the documents it drew on, and return its id.

    The question is stored as the policy lets it be stored. ``in_transaction`` is called in the same
    transaction, with the answer's id: all is stored, or nothing.
    """
    question = answer.stored_question or question
    row = AnswerRow(
        id=f"ans_{secrets.token_hex(12)}",
        conversation_id=history.conversation_id,
        tenant=actor.scope.tenant,
        asker=actor.owner,
        question=question,
        answer=answer_json(answer),
        documents=sorted(
            history.documents.union(answer.documents, (c.document_id for c in answer.citations))
        ),
    )
    with database.write() as session:
        if history.conversation_id is not None:
            conversation_id = history.conversation_id
            conversation = owned_conversation(session, actor, conversation_id, for_update=True)
            conversation.title = conversation.title or question[:TITLE_LENGTH]
        session.add(row)
        session.flush()
        in_transaction(session, row.id)
    return row.id


def readable_answer(session: Session, actor: Actor, answer_id: str) -> AnswerRow:
    """Return one of the actor's own answers that is not withheld.

    Raises:
        NotFoundError: there is none, it is somebody else's, or a document left the actor's sight.

    """
    row = session.scalar(
        select(AnswerRow).where(
            AnswerRow.id == answer_id,
            AnswerRow.tenant == actor.scope.tenant,
            AnswerRow.asker == actor.owner,
        )
    )
    if row is None or not shown_answers(session, actor, [row]):
        raise NotFoundError
    return row


def owned_conversation(
    session: Session, actor: Actor, conversation_id: str, *, for_update: bool = False
) -> Conversation:
    """Return one of the actor's own conversations; ``for_update`` lets no answer join meanwhile.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    row = session.get(Conversation, conversation_id, with_for_update=for_update)
    if row is None or (row.tenant, row.owner) != (actor.scope.tenant, actor.owner):
        raise NotFoundError
    return row


def shown_answers(
    session: Session, actor: Actor, rows: Sequence[AnswerHolder]
) -> list[AnswerHolder]:
    """Return the answers, or the held replies, that are not withheld from the actor now.

    An answer is withheld when the actor may no longer read one of its documents, or when one of
    them is in quarantine now or has been masked since.
    """
    names = {name for row in rows for name in row.documents}
    documents = session.execute(
        select(Document.id, Document.masked_at).where(
            Document.id.in_(names), Document.version > 0, readable(actor.scope)
        )
    )
    masked_at_by_id = {row.id: row.masked_at for row in documents}
    return [
        row
        for row in rows
        if all(
            name in masked_at_by_id
            and ((at := masked_at_by_id[name]) is None or at < row.created_at)
            for name in row.documents
        )
    ]
