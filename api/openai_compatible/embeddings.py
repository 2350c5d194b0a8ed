"""Embeddings by the model that the store uses."""

import base64
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import OverloadedError, ParameterError, UnknownModelError
from api.openai_compatible.models import EMBEDDING
from api.openapi.problems import problem_responses
from api.questions.dependencies import QuestionDependencies
from api.questions.service import SEARCH_TOKENS, admitted_search
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.routes.questions import SEARCH_FAILURES
from api.schemas import Body, Text
from generate.llm.cancellation import raise_if_cancelled

router = APIRouter(prefix="/v1", tags=["openai"], route_class=GuardedRoute)

TEXTS = 256
"""Texts of one request."""
SPECIAL_TOKENS = 2
"""Tokens that a model adds to each text."""


def _as_texts(value: Any) -> Any:
    """Return a single text as a list of one; numbers are another model's tokens."""
    if isinstance(value, list) and value and not isinstance(value[0], str):
        raise PydanticCustomError("unsupported_value", "texts are taken, numbers of tokens are not")
    return [value] if isinstance(value, str) else value


Texts = Annotated[
    list[Annotated[Text, Field(min_length=1)]],
    BeforeValidator(_as_texts, json_schema_input_type=str | list[str]),
    Field(min_length=1, max_length=TEXTS),
]


def _refuse_dimensions(value: Any) -> None:
    if value is not None:
        raise PydanticCustomError("unsupported_parameter", "a vector has the model's own length")


class EmbeddingRequest(Body):
    """Texts to embed."""

    input: Texts
    model: Text = Field(max_length=200, examples=[EMBEDDING])
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[None, BeforeValidator(_refuse_dimensions)] = None
    user: Text | None = Field(None, max_length=1000)


class EmbeddingView(BaseModel):
    """One text's vector, of length 1."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str
    """Numbers, or the base64 of 32-bit floats in little-endian order."""


class EmbeddingUsage(BaseModel):
    """The tokens that the model has read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[EmbeddingView]
    model: str
    usage: EmbeddingUsage


@router.post(
    "/embeddings",
    responses=problem_responses(
        OverloadedError, UnknownModelError, ParameterError, *SEARCH_FAILURES
    ),
)
@accepts(QUEUED_JSON)
async def embed(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: EmbeddingRequest
) -> EmbeddingList:
    """Return the vector of each text; it depends on that text and the model alone."""
    cost = SEARCH_TOKENS * len(body.input)
    async with admitted_search(questions, actor, request.receive, cost):
        work = partial(_embed, questions, body)
        return await result_for(request.receive, questions.threads, work)


def _embed(questions: QuestionDependencies, body: EmbeddingRequest) -> EmbeddingList:
    embedder = questions.retrieval().embedder
    if body.model not in {EMBEDDING, embedder.name}:
        raise UnknownModelError(f"Use the model {EMBEDDING!r}.")
    tokens = [embedder.count_tokens(text) for text in body.input]
    if max(tokens) + SPECIAL_TOKENS > embedder.max_tokens:
        raise ParameterError(
            f"A text may have {embedder.max_tokens - SPECIAL_TOKENS} tokens of this model.", "input"
        )
    vectors: list[EmbeddingView] = []
    for index, text in enumerate(body.input):
        raise_if_cancelled()
        [vector] = embedder.embed([text])
        vectors.append(EmbeddingView(index=index, embedding=_encoded(vector, body.encoding_format)))
    usage = EmbeddingUsage(prompt_tokens=sum(tokens), total_tokens=sum(tokens))
    return EmbeddingList(data=vectors, model=body.model, usage=usage)


def _encoded(vector: NDArray[np.float32], encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode()
    return [float(value) for value in vector]
