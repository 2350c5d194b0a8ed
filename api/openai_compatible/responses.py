"""Responses: a question, its answer, and what may be done with both afterwards."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.admission.waiting import result_for
from api.auth.api_keys import Caller
from api.auth.dependencies import CurrentActor, CurrentCaller
from api.dependencies import (
    CurrentDatabase,
    CurrentQuestions,
    CurrentReads,
    CurrentResponseCaps,
)
from api.errors import NotOfferedError
from api.openai_compatible.chat import ASK_FAILURES
from api.openai_compatible.cursor_pages import CurrentItemPage, page_of
from api.openai_compatible.responder import (
    Responder,
    admitted_response,
    check_response_form,
    check_response_request,
    new_head,
)
from api.openai_compatible.response_events import events_text
from api.openai_compatible.response_json import ResponseOutcome, response_json
from api.openai_compatible.response_records import followed, input_messages, shown_response
from api.openai_compatible.response_schemas import Include, ResponseRequest
from api.openai_compatible.response_store import (
    cancel_response,
    delete_response,
    get_response,
    queue_response,
)
from api.openai_compatible.response_views import (
    RESPONSE_STREAM_EXAMPLE,
    DeletedResponse,
    InputItemList,
    ResponseView,
)
from api.openapi.problems import problem_responses
from api.questions.answer_stream import AnswerStream
from api.questions.dependencies import QuestionDependencies
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from index.errors import CollectionExpiredError, InvalidFilterError, NotFoundError, QueueFullError
from index.queue_caps import QueueCaps

router = APIRouter(prefix="/v1/responses", tags=["openai"], route_class=GuardedRoute)

ResponseId = Annotated[str, Path(max_length=40, examples=["resp_0123456789abcdef01234567"])]
Included = Annotated[list[Include], Query(alias="include[]")]

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The response; with `stream`, its events.",
        "content": {"text/event-stream": {"example": RESPONSE_STREAM_EXAMPLE}},
    }
}


@router.post(
    "",
    response_model=ResponseView,
    responses={
        **_STREAM,
        **problem_responses(
            CollectionExpiredError, NotFoundError, InvalidFilterError, QueueFullError, *ASK_FAILURES
        ),
    },
)
@accepts(QUEUED_JSON)
async def respond(
    request: Request,
    questions: CurrentQuestions,
    caller: CurrentCaller,
    caps: CurrentResponseCaps,
    body: ResponseRequest,
) -> dict[str, Any] | Response:
    """Answer a question, every sentence cited and checked."""
    if body.background:
        return await _answer_later(questions, caller, body, caps)
    head = new_head(body, check_response_request(body))
    async with AsyncExitStack() as resources:
        responder = await resources.enter_async_context(
            admitted_response(questions, caller, request.receive, body, head)
        )
        if body.stream:
            return _stream(questions, responder, resources.pop_all())
        answer = await result_for(request.receive, questions.threads, responder.write)
        response: dict[str, Any] = responder.events.replay(answer, responder.completed_at)[-1][
            "response"
        ]
        return response


def _stream(
    questions: QuestionDependencies, responder: Responder, until_sent: AsyncExitStack
) -> Response:
    events = responder.events

    def render(name: str, data: dict[str, Any]) -> str:
        return events_text(events.take(name, data))

    return AnswerStream(
        responder.write, questions.threads, until_sent, stall_s=questions.stall_s,
        opening=events_text(events.opening()), render=render,
    )  # fmt: skip


async def _answer_later(
    questions: QuestionDependencies, caller: Caller, body: ResponseRequest, caps: QueueCaps
) -> dict[str, Any] | Response:
    """Store what is to be answered; a stream follows it from its beginning."""
    head = new_head(body, check_response_request(body))
    await run_in_threadpool(check_response_form, questions, caller.actor, head)
    request = body.model_dump(mode="json", exclude_unset=True, by_alias=True)
    queue = partial(queue_response, questions.database, caller, head, request, caps=caps)
    await run_in_threadpool(queue)
    if body.stream:
        return _follow(questions, caller, head.id, -1, body.include or [])
    return response_json(head, ResponseOutcome("queued"))


def _follow(
    questions: QuestionDependencies,
    caller: Caller,
    response_id: str,
    starting_after: int,
    include: list[Include],
) -> Response:
    events = followed(questions, caller.actor, response_id, starting_after, include)
    return StreamingResponse(
        events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


@router.post("/compact", include_in_schema=False)
def compact(_actor: CurrentActor) -> None:
    """Refuse to compact a conversation: nothing here grows with one.

    Raises:
        NotOfferedError: always.

    """
    raise NotOfferedError(
        "Conversations are not compacted: the newest turns are read, and the documents are "
        "searched again for each question. Go on with previous_response_id or a conversation."
    )


@router.get("/{response_id}", response_model=ResponseView, responses=_STREAM)
async def show_response(
    *,
    questions: CurrentQuestions,
    caller: CurrentCaller,
    reads: CurrentReads,
    response_id: ResponseId,
    include: Included = [],  # noqa: B006 - FastAPI copies it
    stream: bool = False,
    starting_after: Annotated[int, Query(ge=-1, le=2**31)] = -1,
    include_obfuscation: bool = False,  # noqa: ARG001 - taken, without effect
) -> dict[str, Any] | Response:
    """Return a response, or its events after a number; under your rights of this moment."""
    actor = caller.actor
    record = await run_in_threadpool(get_response, questions.database, actor, response_id)
    reads.record(actor, "response", subject=response_id)
    if stream:
        return _follow(questions, caller, response_id, starting_after, include)
    show = partial(shown_response, questions, actor, record, include)
    return await run_in_threadpool(show)


@router.delete("/{response_id}")
def remove_response(
    actor: CurrentActor, database: CurrentDatabase, response_id: ResponseId
) -> DeletedResponse:
    """Delete a response, and its answer where no conversation has it."""
    delete_response(database, actor, response_id)
    return DeletedResponse(id=response_id)


@router.post("/{response_id}/cancel", response_model=ResponseView)
def stop_response(
    actor: CurrentActor, questions: CurrentQuestions, response_id: ResponseId
) -> dict[str, Any]:
    """Cancel a background response; one that has ended stays as it is."""
    cancel_response(questions.database, actor, response_id)
    record = get_response(questions.database, actor, response_id)
    return shown_response(questions, actor, record)


@router.get("/{response_id}/input_items", response_model=InputItemList)
def show_input(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    reads: CurrentReads,
    page: CurrentItemPage,
    response_id: ResponseId,
    include: Included = [],  # noqa: B006, ARG001 - FastAPI copies it; no message has more to show
) -> dict[str, Any]:
    """List the messages that a request brought, as the policy lets them be kept."""
    record = get_response(database, actor, response_id)
    reads.record(actor, "response", subject=response_id)
    return page_of(input_messages(record), page)
