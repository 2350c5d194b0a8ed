"""The turns of a conversation as the items of OpenAI's API; the conversation itself is ours."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentReads
from api.openai_compatible.cursor_pages import CurrentItemPage, ObjectPage, page_of
from api.openai_compatible.file_citations import FileCitation, file_citation
from api.questions.conversations import StoredTurn, get_conversation
from api.routes.conversations import ConversationId
from api.routes.guarded_route import GuardedRoute
from index.db.database import Database
from index.errors import NotFoundError
from index.types import Actor

router = APIRouter(
    prefix="/v1/conversations/{conversation_id}/items",
    tags=["conversations"],
    route_class=GuardedRoute,
)


class ItemText(BaseModel):
    """A text of a turn; an answer's with its citations."""

    type: Literal["input_text", "output_text"]
    text: str
    annotations: list[FileCitation] = []


class ConversationItem(BaseModel):
    """A question or an answer of a conversation."""

    id: str
    type: Literal["message"]
    role: Literal["user", "assistant"]
    status: Literal["completed"]
    content: list[ItemText]


class ConversationItemList(ObjectPage[ConversationItem]):
    """The questions and answers of a conversation."""


@router.get("", response_model=ConversationItemList)
def show_items(
    actor: CurrentActor,
    database: CurrentDatabase,
    reads: CurrentReads,
    page: CurrentItemPage,
    conversation_id: ConversationId,
) -> dict[str, Any]:
    """List questions and answers; what you may not read any more is left out."""
    items = _items(database, actor, conversation_id)
    reads.record(actor, "conversation", subject=conversation_id)
    return page_of(items, page)


@router.get("/{item_id}", response_model=ConversationItem)
def show_item(
    actor: CurrentActor,
    database: CurrentDatabase,
    reads: CurrentReads,
    conversation_id: ConversationId,
    item_id: Annotated[str, Path(max_length=60)],
) -> dict[str, Any]:
    """Return one question or answer."""
    items = {item["id"]: item for item in _items(database, actor, conversation_id)}
    if item_id not in items:
        raise NotFoundError
    reads.record(actor, "conversation", subject=conversation_id)
    return items[item_id]


def _items(database: Database, actor: Actor, conversation_id: str) -> list[dict[str, Any]]:
    turns = get_conversation(database, actor, conversation_id).turns
    return [item for turn in turns if not turn.withheld for item in _items_of(turn)]


def _items_of(turn: StoredTurn) -> Iterator[dict[str, Any]]:
    item_id = turn.answer_id.replace("ans_", "msg_", 1)
    common = {"type": "message", "status": "completed"}
    question = [{"type": "input_text", "text": turn.question}]
    yield {"id": f"{item_id}00", "role": "user", "content": question, **common}
    answer = turn.answer or {"text": "", "citations": []}
    annotations = [file_citation(citation) for citation in answer["citations"]]
    reply = [{"type": "output_text", "text": answer["text"], "annotations": annotations}]
    yield {"id": f"{item_id}01", "role": "assistant", "content": reply, **common}
