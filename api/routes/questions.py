"""Search and ask."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.asking import Question, answer_events, answer_now
from api.auth import CurrentActor
from api.schemas import ANSWER_EXAMPLE, AskRequest, PassageView, SearchRequest, SearchResponse
from api.service import CurrentService
from retrieve.retrieve import retrieve
from retrieve.types import Passage

router = APIRouter(prefix="/v1", tags=["questions"])

_ASKED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The answer; with `stream`, events `sentence`, `done` and `error`.",
        "content": {"application/json": {"example": ANSWER_EXAMPLE}, "text/event-stream": {}},
    }
}


@router.post("/search")
def search(service: CurrentService, actor: CurrentActor, body: SearchRequest) -> SearchResponse:
    """Return the passages that fit a query best, out of what you may read."""
    found = retrieve(
        body.query, actor.scope, service.parts.retrieval, top_k=body.top_k, filters=body.filters
    )
    service.metrics.stages(found.timings)
    return SearchResponse(
        passages=[passage_view(passage) for passage in found.passages], snapshot=found.snapshot
    )


def passage_view(passage: Passage) -> PassageView:
    """Return a passage as it is shown."""
    chunk = passage.chunk
    return PassageView(
        document_id=chunk.document_id,
        title=chunk.title,
        filename=chunk.filename,
        chunk_id=chunk.chunk_id,
        text=passage.text,
        score=passage.score,
        page=chunk.page,
        start=passage.start,
        end=passage.end,
    )


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
