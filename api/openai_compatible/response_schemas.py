"""Bodies of ``POST /v1/responses``."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from api.openai_compatible.asking import ANSWERING
from api.openai_compatible.fields import (
    CacheBreakpoint,
    Effort,
    JsonObjectFormat,
    JsonSchemaFormat,
    Refused,
    TextFormat,
    Verbosity,
    WithoutEffect,
)
from api.openai_compatible.search_filters import SentFilter
from api.schemas import Body, Metadata, Text

ITEMS = 500
Include = Literal["file_search_call.results"]
RESULTS: Include = "file_search_call.results"


class InputContent(Body):
    """A text in a message of several parts; what comes from an earlier reply may stay in it."""

    type: Literal["input_text", "output_text", "text", "refusal"]
    text: Text | None = None
    refusal: Text | None = None
    annotations: list[dict[str, object]] | None = None
    logprobs: list[object] | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None


class InputItem(Body):
    """A message, or the record of an earlier search, which says nothing to the conversation."""

    type: Literal["message", "file_search_call"] = "message"
    id: Text | None = Field(None, max_length=100)
    role: Literal["user", "assistant", "system", "developer"] = "user"
    content: Text | list[InputContent] = ""
    phase: Literal["commentary", "final_answer"] | None = None
    status: Literal["in_progress", "searching", "completed", "incomplete", "failed"] | None = None
    queries: list[Text] | None = None
    results: list[dict[str, object]] | None = None

    @property
    def text(self) -> str:
        """Return the words of the message, part by part."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if part.text)


class SearchRanking(Body):
    """How results are chosen."""

    ranker: Literal["auto", "default-2024-11-15"] | None = None
    score_threshold: float | None = Field(None, ge=0, le=1)
    hybrid_search: Refused = None


class FileSearchTool(Body):
    """Where to look for the answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: Literal["file_search"]
    vector_store_ids: list[Text] = Field([], max_length=100)
    """None: everything that you may read."""
    filters: SentFilter | None = None
    max_num_results: int | None = Field(None, ge=1, le=50)
    """The most results that are shown; the answer chooses its evidence by itself."""
    ranking_options: SearchRanking | None = None


class ToolByType(Body):
    """The one tool that there is."""

    type: Literal["file_search"]


class AllowedTools(Body):
    """The tools that may be called."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"] = "auto"
    tools: list[ToolByType] = Field(max_length=10)


class ConversationReference(Body):
    """A conversation by its id."""

    id: Text = Field(max_length=40)


class ReasoningOptions(Body):
    """How a model thinks; it has no effect here."""

    effort: Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: Literal["auto", "concise", "detailed"] | None = None
    context: Literal["auto", "current_turn", "all_turns"] | None = None
    mode: Text | None = Field(None, max_length=100)


class TextOptions(Body):
    """The form of the reply."""

    format: (
        Annotated[TextFormat | JsonObjectFormat | JsonSchemaFormat, Field(discriminator="type")]
        | None
    ) = None
    verbosity: Verbosity | None = None


class ResponseStreamOptions(Body):
    """How a response is streamed."""

    include_obfuscation: bool | None = None


class AccessPrograms(Body):
    """Programs of OpenAI's; without effect."""

    cyber: Literal["standard", "daybreak_blue", "daybreak_red"] | None = None


class BackgroundOptions(Body):
    """How long a background response may wait."""

    completion_window: Literal["soonest", "2h", "8h"] | None = None
    continuation_id: Refused = None


class ContextManagement(Body):
    """How a long conversation is shortened."""

    type: Literal["compaction"]
    compact_threshold: int | None = None


class ImageOptions(Body):
    """How pictures are read; without effect, since none is."""

    context_compression: Literal["auto", "enabled", "disabled"] | None = None


def as_items(value: Any) -> Any:
    """Return a single text as the user's message."""
    return [{"role": "user", "content": value}] if isinstance(value, str) else value


class ResponseRequest(WithoutEffect):
    """A question as a response."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    input: Annotated[
        list[InputItem],
        BeforeValidator(as_items, json_schema_input_type=str | list[InputItem]),
        Field(min_length=1, max_length=ITEMS),
    ]
    """The question, or the conversation that ends with it."""
    model: Text = Field(ANSWERING, max_length=200)
    instructions: Text | None = Field(None, max_length=100_000)
    """They come back and change nothing: the service's own rules say how it answers."""
    tools: list[FileSearchTool] | None = Field(None, max_length=1)
    tool_choice: Literal["auto", "required", "none"] | AllowedTools | ToolByType | None = None
    include: list[Include] | None = None
    previous_response_id: Text | None = Field(None, max_length=40)
    conversation: Text | ConversationReference | None = None
    store: bool | None = None
    background: bool | None = None
    stream: bool | None = None
    stream_options: ResponseStreamOptions | None = None
    metadata: Metadata | None = None
    max_output_tokens: int | None = Field(None, ge=1)
    """The reply ends before the sentence that would be too much."""
    max_tool_calls: int | None = Field(None, ge=1)
    text: TextOptions | None = None
    reasoning: ReasoningOptions | None = None
    top_logprobs: Literal[0] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    access_programs: AccessPrograms | None = None
    background_options: BackgroundOptions | None = None
    """Without effect: what waits is answered as soon as there is room."""
    context_management: list[ContextManagement] | None = None
    """Without effect: a conversation is never longer than its newest turns."""
    image: ImageOptions | None = None
    moderation: Refused = None
    prompt: Refused = None

    @property
    def file_search(self) -> FileSearchTool | None:
        """The file search that is asked for, if it is."""
        return self.tools[0] if self.tools else None

    @property
    def conversation_id(self) -> str | None:
        """The id of the conversation that the question belongs to."""
        if isinstance(self.conversation, ConversationReference):
            return self.conversation.id
        return self.conversation

    @property
    def messages(self) -> list[InputItem]:
        """The items that say something."""
        return [item for item in self.input if item.type == "message"]
