"""Search and ask."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.admission.waiting import answer_to, turn
from api.auth.dependencies import CurrentActor
from api.questions.answer_stream import AnswerStream, replayed
from api.questions.idempotency import Claim, Earlier, claim_key
from api.questions.schemas import ANSWER_EXAMPLE, AskRequest, SearchRequest, SearchResponse
from api.questions.search_json import search_json
from api.questions.service import (
    SEARCH_TOKENS,
    Question,
    answer_question,
    budget_of,
    give_back,
    repeated,
)
from api.schemas import IdempotencyKey, Problem
from api.service import CurrentService, Service
from generate.visible_text import check_question
from index.types import Actor
from retrieve.retrieve import retrieve

router = APIRouter(prefix="/v1", tags=["questions"])

_ASKED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream`, events `sentence`, `done` and `error`.",
        "content": {"application/json": {"example": ANSWER_EXAMPLE}, "text/event-stream": {}},
    },
    409: {
        "model": Problem,
        "description": "The Idempotency-Key was used with another body, or its first ask is not "
        "answered yet; see Retry-After.",
    },
}

REPLAYED = {"Idempotency-Replayed": "true"}
"""Header of an answer that a repeat gets again."""


@router.post("/search", response_model=SearchResponse)
async def search(
    request: Request, service: CurrentService, actor: CurrentActor, body: SearchRequest
) -> dict[str, Any]:
    """Return the passages that fit a query best, out of what you may read."""
    place = await turn(service, actor, request.receive, SEARCH_TOKENS)
    work = partial(_search, service, actor, body)
    return await answer_to(request.receive, place, service.askers, work)


def _search(service: Service, actor: Actor, body: SearchRequest) -> dict[str, Any]:
    found = retrieve(
        body.query, actor.scope, service.parts.retrieval, top_k=body.top_k, filters=body.filters
    )
    service.metrics.stages(found.timings)
    service.note_read(actor, "search", (p.chunk.document_id for p in found.passages))
    return search_json(found)


@router.post("/ask", response_model=None, responses=_ASKED)
async def ask(
    request: Request,
    response: Response,
    service: CurrentService,
    actor: CurrentActor,
    body: AskRequest,
    idempotency_key: IdempotencyKey = None,
) -> dict[str, Any] | Response:
    """Answer a question, every sentence cited and checked."""
    claim = None
    if idempotency_key is not None:
        claim = await run_in_threadpool(claim_key, service.database, actor, idempotency_key, body)
        if claim.earlier is not None:
            response.headers.update(REPLAYED)
            return _again(service, actor, body, claim.earlier)
    try:
        return await _ask(request, service, actor, body, claim)
    except BaseException:  # whatever it is, the key must not stay taken
        await give_back(claim)
        raise


async def _ask(
    request: Request, service: Service, actor: Actor, body: AskRequest, claim: Claim | None
) -> dict[str, Any] | Response:
    check_question(body.question, len(body.question))  # before it takes a place, or a stream begins
    over = await run_in_threadpool(budget_of, service, actor)
    place = await turn(service, actor, request.receive)
    try:
        question = await run_in_threadpool(Question.ask, service, actor, body, claim, over)
    except BaseException:  # whatever it is, the place must not stay taken
        place.leave()
        raise
    if body.stream:
        return AnswerStream(question, place)
    work = partial(answer_question, question, place)
    return await answer_to(request.receive, place, service.askers, work)


def _again(
    service: Service, actor: Actor, body: AskRequest, earlier: Earlier
) -> dict[str, Any] | Response:
    """Give an answer again as it was given first."""
    done = repeated(service, actor, earlier, body)
    return replayed(earlier.answer, done, REPLAYED) if body.stream else done
