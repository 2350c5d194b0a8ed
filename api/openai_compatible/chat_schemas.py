"""Bodies of ``POST /v1/chat/completions`` and its answers."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.openai_compatible.fields import (
    CacheBreakpoint,
    Effort,
    JsonObjectFormat,
    NestedJsonSchemaFormat,
    Refused,
    TextFormat,
    Verbosity,
    WithoutEffect,
)
from api.openai_compatible.file_citations import CitedAddress, CitedQuote
from api.schemas import Body, Metadata, Text
from generate.types import Conflict, Status

MESSAGES = 500


class ChatTextPart(Body):
    """A text in a message of several parts."""

    type: Literal["text", "refusal"]
    text: Text | None = None
    refusal: Text | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class ChatMessage(Body):
    """A message of the conversation; the last one is the question."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    role: Literal["developer", "system", "user", "assistant"]
    content: Text | list[ChatTextPart] | None = None
    name: Text | None = Field(None, max_length=200)
    refusal: Text | None = None
    """Of an earlier reply."""
    annotations: list[dict[str, object]] | None = None
    """Of an earlier reply; they come back unread."""
    audio: Refused = None
    function_call: Refused = None
    tool_calls: Refused = None

    @property
    def text(self) -> str:
        """Return the words of the message, part by part."""
        if self.content is None:
            return ""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if part.text)


class StreamOptions(Body):
    """How a reply is streamed."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class ChatRequest(WithoutEffect):
    """A question as a chat."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    messages: list[ChatMessage] = Field(min_length=1, max_length=MESSAGES)
    model: Text = Field(max_length=200, examples=["footnote"])
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    stop: Text | list[Text] | None = None
    """The reply ends before the sentence in which one of these stands."""
    max_completion_tokens: int | None = Field(None, ge=1)
    """The reply ends before the sentence that would be too much."""
    max_tokens: int | None = Field(None, ge=1)
    metadata: Metadata | None = None
    n: Literal[1] | None = None
    seed: int | None = None
    frequency_penalty: float | None = Field(None, ge=-2, le=2)
    presence_penalty: float | None = Field(None, ge=-2, le=2)
    reasoning_effort: Effort | None = None
    verbosity: Verbosity | None = None
    modalities: list[Literal["text"]] | None = None
    response_format: (
        Annotated[
            TextFormat | JsonObjectFormat | NestedJsonSchemaFormat, Field(discriminator="type")
        ]
        | None
    ) = None
    store: Literal[False] | None = None
    logprobs: Literal[False] | None = None
    top_logprobs: Literal[0] | None = None
    tool_choice: Literal["none", "auto"] | None = None
    function_call: Literal["none", "auto"] | None = None
    tools: Refused = None
    functions: Refused = None
    logit_bias: Refused = None
    audio: Refused = None
    moderation: Refused = None
    prediction: Refused = None
    web_search_options: Refused = None

    @property
    def stop_sequences(self) -> tuple[str, ...]:
        """The sequences that end the reply; an empty one ends nothing."""
        sequences = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(sequence for sequence in sequences if sequence)


class ChatAnnotation(BaseModel):
    """A citation of a reply."""

    type: Literal["url_citation"]
    url_citation: CitedAddress
    file_citation: CitedQuote


class ChatReply(BaseModel):
    """The message that answers."""

    role: Literal["assistant"]
    content: str | None
    refusal: str | None
    annotations: list[ChatAnnotation]


class ChatChoice(BaseModel):
    """The one reply."""

    index: int
    message: ChatReply
    finish_reason: Literal["stop", "length"]
    logprobs: None


class PromptTokenDetails(BaseModel):
    """Of the tokens that a model has read."""

    cached_tokens: int
    cache_write_tokens: int
    audio_tokens: int
    image_tokens: int
    text_tokens: int


class CompletionTokenDetails(BaseModel):
    """Of the tokens that a model has written."""

    reasoning_tokens: int
    audio_tokens: int
    accepted_prediction_tokens: int
    rejected_prediction_tokens: int
    text_tokens: int


class ChatUsage(BaseModel):
    """The tokens that a model took; none where sentences are quoted."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptTokenDetails
    completion_tokens_details: CompletionTokenDetails


class AnswerDetails(BaseModel):
    """Our own word on an answer, beside what OpenAI's API knows."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    answer_id: str
    """For feedback."""
    status: Status
    model: str
    """Which model wrote it; `quote` for sentences that are quoted word for word."""
    notice: str | None
    confidence: float
    missing: list[str]
    conflicts: list[Conflict]
    snapshot: str


class ChatCompletion(BaseModel):
    """An answer as a chat completion."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChatChoice]
    usage: ChatUsage
    service_tier: Literal["default"]
    system_fingerprint: str
    metadata: dict[str, str] | None
    footnote: AnswerDetails


CHUNK_EXAMPLE = (
    'data: {"object": "chat.completion.chunk", "choices": [{"delta": {"content": "Everybody has 28 '
    'days of annual leave. [1]", ...}}], ...}\n\ndata: [DONE]\n\n'
)
