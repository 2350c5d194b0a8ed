"""Dify's external knowledge API: register ``https://HOST/v1/integrations/dify`` there."""

from functools import partial

from fastapi import APIRouter, Request

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.dify.metadata_filters import own_filters
from api.dify.schemas import EVERYTHING, KnowledgeRecord, KnowledgeRecords, RetrievalRequest
from api.errors import OverloadedError
from api.openapi.problems import problem_responses
from api.questions.service import SEARCH_TOKENS, admitted_search, search
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.routes.questions import SEARCH_FAILURES
from index.collections import Narrowing
from index.errors import CollectionExpiredError, InvalidFilterError, NotFoundError
from retrieve.types import Passage

router = APIRouter(prefix="/v1/integrations/dify", tags=["integrations"], route_class=GuardedRoute)


@router.post(
    "/retrieval",
    responses=problem_responses(
        NotFoundError, CollectionExpiredError, InvalidFilterError, OverloadedError, *SEARCH_FAILURES
    ),
)
@accepts(QUEUED_JSON)
async def retrieve_knowledge(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: RetrievalRequest
) -> KnowledgeRecords:
    """Return the passages that fit a query of Dify's best, out of those that you may read."""
    collections = None if body.knowledge_id == EVERYTHING else [body.knowledge_id]
    narrowing = Narrowing(own_filters(body.metadata_condition), None, collections)
    setting = body.retrieval_setting
    async with admitted_search(questions, actor, request.receive, SEARCH_TOKENS):
        work = partial(
            search, questions, actor, body.query, top_k=setting.top_k, narrowing=narrowing
        )
        results = await result_for(request.receive, questions.threads, work)
    records = [_record(each) for each in results.passages if each.score >= setting.score_threshold]
    return KnowledgeRecords(records=records)


def _record(passage: Passage) -> KnowledgeRecord:
    chunk = passage.chunk
    return KnowledgeRecord(
        content=passage.text,
        score=min(max(passage.score, 0.0), 1.0),
        title=chunk.title or chunk.filename,
        metadata={
            "document_id": chunk.document_id, "filename": chunk.filename, "page": passage.page,
            "start": passage.start, "end": passage.end, "publisher": chunk.publisher,
        },
    )  # fmt: skip
