"""Search and ask."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.asking import Question, answer_events, answer_now
from api.auth import CurrentActor
from api.passages import search_json
from api.schemas import ANSWER_EXAMPLE, AskRequest, SearchRequest, SearchResponse
from api.service import CurrentService
from retrieve.retrieve import retrieve

router = APIRouter(prefix="/v1", tags=["questions"])

_ASKED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream`, events `sentence`, `done` and `error`.",
        "content": {"application/json": {"example": ANSWER_EXAMPLE}, "text/event-stream": {}},
    }
}


@router.post("/search", response_model=SearchResponse)
def search(service: CurrentService, actor: CurrentActor, body: SearchRequest) -> dict[str, Any]:
    """Return the passages that fit a query best, out of what you may read."""
    found = retrieve(
        body.query, actor.scope, service.parts.retrieval, top_k=body.top_k, filters=body.filters
    )
    service.metrics.stages(found.timings)
    service.note_read(actor, "search", (p.chunk.document_id for p in found.passages))
    return search_json(found)


@router.post("/ask", response_model=None, responses=_ASKED)
def ask(
    service: CurrentService, actor: CurrentActor, body: AskRequest
) -> dict[str, Any] | StreamingResponse:
    """Answer a question, every sentence cited and checked."""
    question = Question.ask(service, actor, body)
    if not body.stream:
        return answer_now(question)
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        answer_events(question), media_type="text/event-stream", headers=headers
    )
