"""Reranking in the shapes of Cohere's and Jina's API: one body and one answer fit both.

Sources: https://docs.cohere.com/reference/rerank, https://api.jina.ai/redoc
"""

import secrets
from functools import partial
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import OverloadedError, UnknownModelError
from api.openai_compatible.fields import Refused
from api.openai_compatible.models import RERANKING
from api.openapi.problems import problem_responses
from api.questions.dependencies import QuestionDependencies
from api.questions.service import SEARCH_TOKENS, admitted_search
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.routes.questions import SEARCH_FAILURES
from api.schemas import Body, Text
from generate.llm.cancellation import raise_if_cancelled
from index.embedding.embedder import Embedder
from index.kernels.dot_products import dot_rows

router = APIRouter(prefix="/v1", tags=["openai"], route_class=GuardedRoute)

DOCUMENTS = 256
"""Texts of one request."""


class RerankText(Body):
    """A text in an object of its own."""

    text: Text


class RerankRequest(Body):
    """Texts to put in the order of their fit to a query."""

    model: Text = Field(RERANKING, max_length=200)
    query: Text = Field(min_length=1, max_length=4000)
    documents: list[Text | RerankText] = Field(min_length=1, max_length=DOCUMENTS)
    top_n: int | None = Field(None, ge=1)
    return_documents: bool = False
    max_tokens_per_doc: int | None = Field(None, ge=1, description="No effect: the model's limit.")
    max_chunks_per_doc: Refused = None
    rank_fields: Refused = None
    priority: int | None = Field(None, ge=0, le=999, description="No effect.")

    @property
    def texts(self) -> list[str]:
        """The texts, in the order of the request."""
        return [each if isinstance(each, str) else each.text for each in self.documents]


class RankedText(BaseModel):
    """A text's place in the request, and how well it fits."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    index: int
    relevance_score: float
    """In [0, 1]; it does not depend on the other texts."""
    document: RerankText | None = None


class ApiVersion(BaseModel):
    """The version of Cohere's API whose shape this is."""

    version: Literal["2"] = "2"


class BilledUnits(BaseModel):
    """Cohere's unit of one request."""

    search_units: Literal[1] = 1


class RerankMeta(BaseModel):
    """The words of Cohere's API on a request."""

    api_version: ApiVersion = ApiVersion()
    billed_units: BilledUnits = BilledUnits()


class RerankUsage(BaseModel):
    """The tokens of query and texts, as Jina's API counts them."""

    total_tokens: int
    prompt_tokens: int


class RerankList(BaseModel):
    """The texts, best first."""

    id: str
    object: Literal["list"] = "list"
    model: str
    results: list[RankedText]
    usage: RerankUsage
    meta: RerankMeta = RerankMeta()


@router.post(
    "/rerank",
    response_model_exclude_none=True,
    responses=problem_responses(OverloadedError, UnknownModelError, *SEARCH_FAILURES),
)
@accepts(QUEUED_JSON)
async def rerank(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: RerankRequest
) -> RerankList:
    """Put texts in the order of their fit to a query: by the reranker, or by their vectors."""
    cost = SEARCH_TOKENS * len(body.documents)
    async with admitted_search(questions, actor, request.receive, cost):
        work = partial(_rerank, questions, body)
        return await result_for(request.receive, questions.threads, work)


def _rerank(questions: QuestionDependencies, body: RerankRequest) -> RerankList:
    retrieval, texts = questions.retrieval(), body.texts
    embedder, reranker = retrieval.embedder, retrieval.reranker
    if body.model not in {RERANKING, reranker.name if reranker else embedder.name}:
        raise UnknownModelError(f"Use the model {RERANKING!r}.")
    if reranker is not None:
        scores = reranker.score(body.query, texts)
    else:
        scores = _similarities(embedder, body.query, texts)
    order = sorted(range(len(texts)), key=lambda index: (-scores[index], index))[: body.top_n]
    tokens = sum(embedder.count_tokens(text) for text in (body.query, *texts))
    return RerankList(
        id=f"rerank-{secrets.token_hex(12)}",
        model=body.model,
        results=[
            RankedText(
                index=index,
                relevance_score=scores[index],
                document=RerankText(text=texts[index]) if body.return_documents else None,
            )
            for index in order
        ],
        usage=RerankUsage(total_tokens=tokens, prompt_tokens=tokens),
    )


def _similarities(embedder: Embedder, query: str, texts: list[str]) -> list[float]:
    """Return the cosine of the query and each text, one text at a time; none is below 0."""
    [query_vector] = embedder.embed([query])
    scores: list[float] = []
    for text in texts:
        raise_if_cancelled()
        scores.append(max(0.0, float(dot_rows(embedder.embed([text]), query_vector)[0])))
    return scores
