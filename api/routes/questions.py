"""Search and ask."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import AskInProgressError, AskQuotaError, BudgetSpentError, OverloadedError
from api.openapi.problems import problem_responses
from api.questions.answer_stream import AnswerStream, replayed
from api.questions.idempotency import reserved_key
from api.questions.schemas import (
    STREAM_EXAMPLE,
    AnswerView,
    AskRequest,
    SearchRequest,
    SearchResponse,
)
from api.questions.search_json import search_json
from api.questions.service import (
    SEARCH_TOKENS,
    admitted_question,
    admitted_search,
    answer_question,
    repeated_answer,
)
from api.questions.service import search as search_passages
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.schemas import IdempotencyKey
from generate.errors import EmptyQuestionError, QuestionTooLongError, TokenBudgetError
from index.errors import (
    CollectionExpiredError,
    EmbedderUnavailableError,
    InvalidFilterError,
    ModelSwitchedError,
    NotFoundError,
    StaleViewError,
    WallBreachError,
)
from ingest.errors import IdempotencyConflictError

router = APIRouter(prefix="/v1", tags=["questions"], route_class=GuardedRoute)

SEARCH_FAILURES = (EmbedderUnavailableError, ModelSwitchedError, StaleViewError, WallBreachError)

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream`, events `sentence`, `done` and `error`.",
        "content": {"text/event-stream": {"example": STREAM_EXAMPLE}},
    },
    **problem_responses(
        NotFoundError, CollectionExpiredError, AskInProgressError, IdempotencyConflictError,
        TokenBudgetError, EmptyQuestionError, QuestionTooLongError, InvalidFilterError,
        BudgetSpentError, AskQuotaError, OverloadedError, *SEARCH_FAILURES,
    ),
}  # fmt: skip

REPLAYED = {"Idempotency-Replayed": "true"}
"""Header of the answer that a repeat gets."""


@router.post(
    "/search",
    response_model=SearchResponse,
    responses=problem_responses(
        NotFoundError,
        CollectionExpiredError,
        InvalidFilterError,
        OverloadedError,
        *SEARCH_FAILURES,
    ),
)
@accepts(QUEUED_JSON)
async def search(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: SearchRequest
) -> dict[str, Any]:
    """Return the passages that fit a query best, out of those that you may read."""
    async with admitted_search(questions, actor, request.receive, SEARCH_TOKENS):
        work = partial(
            search_passages, questions, actor, body.query,
            top_k=body.top_k, narrowing=body.narrowing,
        )  # fmt: skip
        return search_json(await result_for(request.receive, questions.threads, work))


@router.post(
    "/ask", response_model=AnswerView, response_model_exclude_unset=True, responses=_RESPONSES
)
@accepts(QUEUED_JSON)
async def ask(
    request: Request,
    response: Response,
    questions: CurrentQuestions,
    actor: CurrentActor,
    body: AskRequest,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any] | Response:
    """Answer a question, every sentence cited and checked."""
    async with AsyncExitStack() as resources:
        reservation = await resources.enter_async_context(
            reserved_key(questions.database, actor, idempotency_key, body)
        )
        if reservation is not None and reservation.earlier is not None:
            response.headers.update(REPLAYED)
            answer_body = repeated_answer(questions, actor, reservation.earlier, body)
            return (
                replayed(reservation.earlier.answer, answer_body, REPLAYED)
                if body.stream
                else answer_body
            )
        question = await resources.enter_async_context(
            admitted_question(questions, actor, request.receive, body, reservation)
        )
        work = partial(answer_question, questions, question)
        if body.stream:
            until_sent = resources.pop_all()
            return AnswerStream(work, questions.threads, until_sent, stall_s=questions.stall_s)
        return await result_for(request.receive, questions.threads, work)
