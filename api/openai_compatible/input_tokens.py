"""How many tokens the words of a response's request are, without the evidence that is added."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, Field

from api.admission.waiting import result_for
from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentQuestions
from api.errors import OverloadedError, UnknownModelError
from api.openai_compatible.asking import ANSWERING, check_answering_model
from api.openai_compatible.response_schemas import (
    ITEMS,
    AllowedTools,
    ConversationReference,
    FileSearchTool,
    InputItem,
    ReasoningOptions,
    TextOptions,
    ToolByType,
    as_items,
)
from api.openapi.problems import problem_responses
from api.questions.dependencies import QuestionDependencies
from api.questions.service import SEARCH_TOKENS, admitted_search
from api.routes.guarded_route import QUEUED_JSON, GuardedRoute, accepts
from api.schemas import Body, Text

router = APIRouter(prefix="/v1/responses", tags=["openai"], route_class=GuardedRoute)


class InputTokenRequest(Body):
    """The request of a response; of it, the input and the instructions have words."""

    input: Annotated[
        list[InputItem],
        BeforeValidator(as_items, json_schema_input_type=str | list[InputItem]),
        Field(default_factory=list, max_length=ITEMS),
    ]
    model: Text = Field(ANSWERING, max_length=200)
    instructions: Text | None = None
    conversation: Text | ConversationReference | None = None
    previous_response_id: Text | None = None
    parallel_tool_calls: bool | None = None
    personality: Text | None = None
    reasoning: ReasoningOptions | None = None
    text: TextOptions | None = None
    tool_choice: Literal["auto", "required", "none"] | AllowedTools | ToolByType | None = None
    tools: list[FileSearchTool] | None = None
    truncation: Literal["auto", "disabled"] | None = None


class InputTokens(BaseModel):
    """The number of tokens."""

    object: Literal["response.input_tokens"] = "response.input_tokens"
    input_tokens: int


@router.post("/input_tokens", responses=problem_responses(OverloadedError, UnknownModelError))
@accepts(QUEUED_JSON)
async def count_input_tokens(
    request: Request, questions: CurrentQuestions, actor: CurrentActor, body: InputTokenRequest
) -> InputTokens:
    """Count the tokens of input and instructions, as the model that answers does.

    Where sentences are quoted, the embedding model counts.
    """
    check_answering_model(body.model)
    async with admitted_search(questions, actor, request.receive, SEARCH_TOKENS):
        work = partial(_count, questions, actor.scope.tenant, body)
        tokens = await result_for(request.receive, questions.threads, work)
    return InputTokens(input_tokens=tokens)


def _count(questions: QuestionDependencies, tenant: str, body: InputTokenRequest) -> int:
    answering = questions.answering(tenant)
    counter = answering.model or answering.retrieval.embedder
    texts = [body.instructions or "", *(item.text for item in body.input)]
    return sum(counter.count_tokens(text) for text in texts if text)
