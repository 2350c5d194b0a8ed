"""Forms of responses, for the description of the interface."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from api.openai_compatible.chat_schemas import AnswerDetails
from api.openai_compatible.cursor_pages import ObjectPage
from api.openai_compatible.fields import CacheOptions
from api.openai_compatible.file_citations import FileCitation
from api.openai_compatible.file_search import SearchResult
from api.openai_compatible.response_json import ResponseState
from api.openai_compatible.response_schemas import AllowedTools, FileSearchTool, ToolByType

ItemStatus = Literal["in_progress", "searching", "completed", "incomplete", "failed"]


class OutputText(BaseModel):
    """The text of a reply with its citations."""

    type: Literal["output_text"]
    text: str
    annotations: list[FileCitation]
    logprobs: list[Any]


class OutputRefusal(BaseModel):
    """Why there is no reply in the form that was asked for."""

    type: Literal["refusal"]
    refusal: str


class OutputMessage(BaseModel):
    """The message that answers."""

    type: Literal["message"]
    id: str
    role: Literal["assistant"]
    status: ItemStatus
    phase: Literal["final_answer"]
    content: list[OutputText | OutputRefusal]


class FileSearchCall(BaseModel):
    """The record of a search."""

    type: Literal["file_search_call"]
    id: str
    status: ItemStatus
    queries: list[str]
    results: list[SearchResult] | None


class InputTokenDetails(BaseModel):
    """Of the tokens that a model has read."""

    cached_tokens: int
    cache_write_tokens: int


class OutputTokenDetails(BaseModel):
    """Of the tokens that a model has written."""

    reasoning_tokens: int


class ResponseUsage(BaseModel):
    """The tokens that a model took; none where sentences are quoted."""

    input_tokens: int
    input_tokens_details: InputTokenDetails
    output_tokens: int
    output_tokens_details: OutputTokenDetails
    total_tokens: int


class ResponseFailure(BaseModel):
    """Why a response has no answer."""

    code: Literal["server_error"]
    message: str


class IncompleteReason(BaseModel):
    """Why a response is cut short."""

    reason: Literal["max_output_tokens"]


class ResponseConversation(BaseModel):
    """The conversation of a response."""

    id: str


class ShownReasoning(BaseModel):
    """The request's options of reasoning."""

    model_config = ConfigDict(extra="allow")

    effort: str | None = None
    summary: str | None = None


class ShownTextFormat(BaseModel):
    """The form of the reply; a schema comes back as it was sent."""

    model_config = ConfigDict(extra="allow")

    type: Literal["text", "json_object", "json_schema"]


class ShownText(BaseModel):
    """The form of the reply, and what the request said of its length."""

    format: ShownTextFormat
    verbosity: str


class PictureTokens(BaseModel):
    """Tokens of pictures; always none."""

    image_tokens: int
    text_tokens: int


class PictureUsage(BaseModel):
    """Pictures that were made; always none."""

    input_tokens: int
    input_tokens_details: PictureTokens
    output_tokens: int
    total_tokens: int


class WebSearchUsage(BaseModel):
    """Searches of the web; always none."""

    num_requests: int


class ToolUsage(BaseModel):
    """The use of tools that cost more; always none."""

    image_gen: PictureUsage
    web_search: WebSearchUsage


class ResponseView(BaseModel):
    """A response."""

    id: str
    object: Literal["response"]
    created_at: int
    completed_at: int | None
    status: ResponseState
    background: bool
    conversation: ResponseConversation | None
    error: ResponseFailure | None
    incomplete_details: IncompleteReason | None
    instructions: str | None
    max_output_tokens: int | None
    max_tool_calls: int | None
    metadata: dict[str, str]
    model: str
    output: list[OutputMessage | FileSearchCall]
    parallel_tool_calls: bool
    previous_response_id: str | None
    prompt_cache_key: str | None
    prompt_cache_options: CacheOptions | None
    prompt_cache_retention: str | None
    reasoning: ShownReasoning
    safety_identifier: str | None
    service_tier: str
    store: bool
    temperature: float | None
    text: ShownText
    tool_choice: str | AllowedTools | ToolByType
    tools: list[FileSearchTool]
    top_logprobs: int
    top_p: float | None
    truncation: str
    usage: ResponseUsage | None
    user: str | None
    access_programs: None
    image: None
    input_transformations: list[Any]
    moderation: None
    prompt: None
    prompt_cache_diagnostics: None
    tool_usage: ToolUsage
    footnote: AnswerDetails | None


class DeletedResponse(BaseModel):
    """A response that is gone."""

    id: str
    object: Literal["response"] = "response"
    deleted: Literal[True] = True


class ShownInputText(BaseModel):
    """A text of a message."""

    type: Literal["input_text", "output_text"]
    text: str


class InputMessage(BaseModel):
    """A message that a request brought, as the policy lets it be kept."""

    id: str
    type: Literal["message"]
    role: str
    status: Literal["completed"]
    content: list[ShownInputText]


class InputItemList(ObjectPage[InputMessage]):
    """The messages of a request."""


RESPONSE_STREAM_EXAMPLE = (
    'event: response.created\ndata: {"type": "response.created", "sequence_number": 0, ...}\n\n'
    'event: response.output_text.delta\ndata: {"type": "response.output_text.delta", "delta": '
    '"Everybody has 28 days of annual leave. [1]", ...}\n\n'
    'event: response.completed\ndata: {"type": "response.completed", ...}\n\n'
)
