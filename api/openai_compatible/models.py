"""The models by the names that requests of OpenAI's API may use."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import UnknownModelError
from api.openai_compatible.asking import ANSWERING
from api.openapi.problems import problem_responses
from api.questions.dependencies import QuestionDependencies
from api.routes.guarded_route import GuardedRoute
from index.types import Actor

router = APIRouter(prefix="/v1/models", tags=["openai"], route_class=GuardedRoute)

EMBEDDING = "footnote-embedding"
MODERATION = "footnote-moderation"
RERANKING = "footnote-rerank"
CREATED = 1764460800
"""Seconds since 1970; a name stands for whatever the operator has set, so it has no date."""


class ModelView(BaseModel):
    """A model that requests may name."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    object: Literal["model"] = "model"
    created: int = CREATED
    owned_by: str = "footnote"
    shutdown_date: str | None = None
    served_by: str
    """The model that the operator has set; `quote` where sentences are quoted word for word."""


class ModelList(BaseModel):
    """All models that requests may name."""

    object: Literal["list"] = "list"
    data: list[ModelView]


@router.get("")
def show_models(actor: CurrentActor, questions: CurrentQuestions) -> ModelList:
    """List the models that requests may name, and what serves each of them."""
    return ModelList(data=list(_models(questions, actor).values()))


@router.get("/{model}", responses=problem_responses(UnknownModelError))
def show_model(
    actor: CurrentActor,
    questions: CurrentQuestions,
    model: Annotated[str, Path(max_length=200)],
) -> ModelView:
    """Return one model."""
    models = _models(questions, actor)
    if model not in models:
        raise UnknownModelError("GET /v1/models lists the models.")
    return models[model]


def _models(questions: QuestionDependencies, actor: Actor) -> dict[str, ModelView]:
    answering = questions.answering(actor.scope.tenant)
    retrieval = answering.retrieval
    reranker = retrieval.reranker
    served_by = {
        ANSWERING: answering.model.name if answering.model else "quote",
        EMBEDDING: retrieval.embedder.name,
        MODERATION: answering.policy.rules.policy.name,
        RERANKING: reranker.name if reranker else retrieval.embedder.name,
    }
    return {name: ModelView(id=name, served_by=by) for name, by in served_by.items()}
