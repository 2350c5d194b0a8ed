"""Moderations by the rules and the guard models of this service's policy."""

import secrets
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, create_model

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import OverloadedError, UnknownModelError
from api.openai_compatible.models import MODERATION
from api.openai_compatible.moderation_categories import (
    OPENAI_CATEGORIES,
    OWN_CATEGORIES,
    moderated,
)
from api.openapi.problems import problem_responses
from api.questions.dependencies import QuestionDependencies
from api.questions.service import SEARCH_TOKENS, admitted_search
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.schemas import Body, Text
from generate.errors import (
    ModelProtocolError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
)
from generate.llm.cancellation import raise_if_cancelled

router = APIRouter(prefix="/v1", tags=["openai"], route_class=GuardedRoute)

TEXTS = 256
LONGEST = 32_000
"""Characters of a text."""


class ModerationText(Body):
    """A text in an object of its own."""

    type: Literal["text"]
    text: Text = Field(max_length=LONGEST)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class ModerationRequest(Body):
    """Texts to look at; pictures are refused."""

    input: Annotated[
        list[Annotated[Text, Field(max_length=LONGEST)] | ModerationText],
        BeforeValidator(_as_list, json_schema_input_type=str | list[str | ModerationText]),
        Field(min_length=1, max_length=TEXTS),
    ]
    model: Text = Field(MODERATION, max_length=200)

    @property
    def texts(self) -> list[str]:
        """The texts."""
        return [each if isinstance(each, str) else each.text for each in self.input]


def _by_category(name: str, kind: Any, docstring: str) -> type[BaseModel]:
    """Return a model with a field for each category, under the category's own name."""
    fields: dict[str, Any] = {
        category.replace("/", "_").replace("-", "_"): (kind, Field(alias=category))
        for category in (*OPENAI_CATEGORIES, *OWN_CATEGORIES)
    }
    return create_model(name, __doc__=docstring, **fields)


ModerationCategories = _by_category(
    "ModerationCategories", bool, "Whether something of a category is in the text."
)
ModerationScores = _by_category(
    "ModerationScores", float, "1 where a category is in the text, else 0: rules do not guess."
)
ModerationInputTypes = _by_category(
    "ModerationInputTypes", list[Literal["text"]], "Where a category was looked for; else nothing."
)


class ActingRules(BaseModel):
    """The version of the policy, and the rules that found something."""

    policy: str
    rules: list[str]


class ModerationResult(BaseModel):
    """The findings in a text."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    flagged: bool
    categories: ModerationCategories  # type: ignore[valid-type]
    category_scores: ModerationScores  # type: ignore[valid-type]
    category_applied_input_types: ModerationInputTypes  # type: ignore[valid-type]
    footnote: ActingRules


class ModerationList(BaseModel):
    """The results, in the order of the texts."""

    id: str
    model: str
    results: list[ModerationResult]


@router.post(
    "/moderations",
    response_model=ModerationList,
    responses=problem_responses(
        OverloadedError,
        UnknownModelError,
        ModelProtocolError,
        ModelRefusedError,
        ModelTimeoutError,
        ModelUnavailableError,
    ),
)
@accepts(QUEUED_JSON)
async def moderate(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: ModerationRequest
) -> dict[str, Any]:
    """Look at texts as the policy looks at questions and answers; nothing of them is kept."""
    if body.model != MODERATION:
        raise UnknownModelError(f"Use the model {MODERATION!r}.")
    cost = SEARCH_TOKENS * len(body.input)
    async with admitted_search(questions, actor, request.receive, cost):
        tenant = actor.scope.tenant
        work = partial(_results, questions, tenant, body.texts)
        results = await result_for(request.receive, questions.threads, work)
    return {"id": f"modr-{secrets.token_hex(12)}", "model": body.model, "results": results}


def _results(
    questions: QuestionDependencies, tenant: str, texts: list[str]
) -> list[dict[str, Any]]:
    rules, guards = questions.answering(tenant).policy.in_force
    results: list[dict[str, Any]] = []
    for text in texts:
        raise_if_cancelled()
        results.append(moderated(text, rules, guards))
    return results
