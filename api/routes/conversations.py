"""Conversations and feedback: one's own, always."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentReads
from api.openapi.problems import problem_responses
from api.questions.conversations import (
    ConversationView,
    create_conversation,
    delete_conversation,
    get_conversation,
    label_conversation,
    list_conversations,
)
from api.questions.feedback import FeedbackView, give_feedback, list_feedback
from api.questions.schemas import (
    ConversationDetail,
    ConversationLabels,
    ConversationRequest,
    FeedbackRequest,
)
from api.routes.entity_tags import NOT_MODIFIED, CurrentPrecondition, CurrentTagged
from api.routes.guarded_route import GuardedRoute
from index.errors import NotFoundError, PreconditionFailedError

router = APIRouter(prefix="/v1", tags=["conversations"], route_class=GuardedRoute)

Limit = Annotated[int, Query(ge=1, le=500)]
ConversationId = Annotated[str, Path(max_length=40)]


class ConversationList(BaseModel):
    """Your conversations, newest first."""

    items: list[ConversationView]


class FeedbackList(BaseModel):
    """Your judgements, newest first."""

    items: list[FeedbackView]


@router.post("/conversations", status_code=201)
def start_conversation(
    actor: CurrentActor, database: CurrentDatabase, body: ConversationRequest | None = None
) -> ConversationView:
    """Start a conversation; ask with its id, and earlier turns are understood."""
    body = body or ConversationRequest()
    return create_conversation(database, actor, body.title, body.metadata)


@router.get("/conversations")
def show_conversations(
    actor: CurrentActor, database: CurrentDatabase, limit: Limit = 100
) -> ConversationList:
    """List your conversations, newest first."""
    return ConversationList(items=list_conversations(database, actor, limit))


@router.get(
    "/conversations/{conversation_id}",
    response_model=ConversationDetail,
    response_model_exclude_unset=True,
    responses=NOT_MODIFIED,
)
def show_conversation(
    actor: CurrentActor,
    database: CurrentDatabase,
    tagged: CurrentTagged,
    reads: CurrentReads,
    conversation_id: ConversationId,
) -> Any:
    """Return a conversation; an answer from a document you may not read any more is withheld."""
    conversation = get_conversation(database, actor, conversation_id)
    reads.record(actor, "conversation", subject=conversation_id)
    return tagged.answer(conversation)


@router.post("/conversations/{conversation_id}")
def change_conversation(
    actor: CurrentActor,
    database: CurrentDatabase,
    conversation_id: ConversationId,
    body: ConversationLabels,
) -> ConversationView:
    """Give a conversation other metadata."""
    return label_conversation(database, actor, conversation_id, body.metadata or {})


@router.delete(
    "/conversations/{conversation_id}",
    status_code=204,
    response_class=Response,  # without a content type, which no empty body has
    responses=problem_responses(PreconditionFailedError),
)
def remove_conversation(
    actor: CurrentActor,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    conversation_id: ConversationId,
) -> None:
    """Delete a conversation and its answers."""
    delete_conversation(database, actor, conversation_id, precondition=precondition)


@router.post("/feedback", status_code=201, responses=problem_responses(NotFoundError))
def send_feedback(
    actor: CurrentActor, database: CurrentDatabase, body: FeedbackRequest
) -> FeedbackView:
    """Say whether one of your answers helped; a later word replaces nothing, it is added."""
    return give_feedback(
        database, actor, body.answer_id, rating=body.rating, comment=body.comment or ""
    )


@router.get("/feedback")
def show_feedback(
    actor: CurrentActor, database: CurrentDatabase, reads: CurrentReads, limit: Limit = 100
) -> FeedbackList:
    """List what you said, newest first."""
    reads.record(actor, "feedback")
    return FeedbackList(items=list_feedback(database, actor, limit))
