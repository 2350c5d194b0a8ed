"""Chat completions: the last message is the question, the earlier ones are the conversation."""

from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import (
    AskQuotaError,
    BudgetSpentError,
    OverloadedError,
    ParameterError,
    UnknownModelError,
)
from api.openai_compatible.asking import (
    SentHistory,
    ask_request,
    check_answering_model,
    question_of,
)
from api.openai_compatible.chat_json import ChatChunks, chat_completion
from api.openai_compatible.chat_schemas import CHUNK_EXAMPLE, ChatCompletion, ChatRequest
from api.openai_compatible.reply_forms import check_form, form_of, in_form
from api.openapi.problems import problem_responses
from api.public_address import base_url
from api.questions.answer_stream import AnswerStream
from api.questions.service import admitted_question, answer_question
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.routes.questions import SEARCH_FAILURES
from generate.errors import EmptyQuestionError, QuestionTooLongError, TokenBudgetError

router = APIRouter(prefix="/v1", tags=["openai"], route_class=GuardedRoute)

ASK_FAILURES = (
    TokenBudgetError, EmptyQuestionError, QuestionTooLongError, BudgetSpentError, AskQuotaError,
    OverloadedError, UnknownModelError, ParameterError, *SEARCH_FAILURES,
)  # fmt: skip

FORMAT = "response_format"
"""The parameter that asks for a form."""

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The completion; with `stream`, its chunks.",
        "content": {"text/event-stream": {"example": CHUNK_EXAMPLE}},
    },
    **problem_responses(*ASK_FAILURES),
}


@router.post("/chat/completions", response_model=ChatCompletion, responses=_RESPONSES)
@accepts(QUEUED_JSON)
async def complete(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: ChatRequest
) -> dict[str, Any] | Response:
    """Answer the last message, every sentence cited and checked."""
    check_answering_model(body.model)
    ask = ask_request(question_of(body.messages, "messages"))
    history = SentHistory(body.messages[:-1])
    form = form_of(body.response_format, FORMAT)
    if form is not None:
        await run_in_threadpool(check_form, form, questions, actor, FORMAT)
    async with AsyncExitStack() as resources:
        question = await resources.enter_async_context(
            admitted_question(questions, actor, request.receive, ask, None, history.load)
        )
        work = partial(answer_question, questions, in_form(question, form))
        if body.stream:
            chunks = ChatChunks(body, base_url(request))
            return AnswerStream(
                work, questions.threads, resources.pop_all(), stall_s=questions.stall_s,
                opening=chunks.opening(), render=chunks.render,
            )  # fmt: skip
        answer = await result_for(request.receive, questions.threads, work)
        return chat_completion(body, answer, base_url(request))
