"""Kinds of fields that requests of OpenAI's API have: taken, without effect, or refused."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.schemas import Body, Text


def _refuse(value: Any) -> None:
    """Let pass only what says nothing."""
    if value is not None and value not in ([], {}):
        raise PydanticCustomError("unsupported_parameter", "it is not offered here")


Refused = Annotated[None, BeforeValidator(_refuse)]
"""A parameter that is not offered; ``null`` and nothing are taken."""

ServiceTier = Literal["auto", "default", "flex", "scale", "priority", "fast"]
CacheRetention = Literal["in_memory", "24h"]
Verbosity = Literal["low", "medium", "high"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class TextFormat(Body):
    """Sentences."""

    type: Literal["text"] = "text"


class JsonObjectFormat(Body):
    """A JSON object whose names the model chooses."""

    type: Literal["json_object"]


class JsonSchema(Body):
    """A schema that the reply is to match."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    name: Text = Field(pattern="^[a-zA-Z0-9_-]{1,64}$")
    description: Text | None = Field(None, max_length=4000)
    schema_: dict[str, Any] = Field(alias="schema")
    """An object of texts, numbers, lists of them, and objects."""
    strict: bool | None = None
    """Without effect: a reply always matches its schema, or it is refused."""


class JsonSchemaFormat(JsonSchema):
    """A JSON object that matches a schema, as responses ask for it."""

    type: Literal["json_schema"]


class NestedJsonSchemaFormat(Body):
    """A JSON object that matches a schema, as chat completions ask for it."""

    type: Literal["json_schema"]
    json_schema: JsonSchema


class CacheBreakpoint(Body):
    """Where a prompt may be cached; it has no effect here."""

    mode: Literal["explicit"]
    ttl: Literal["30m", "12h"] | None = None


class CacheOptions(Body):
    """How prompts are cached; it has no effect here."""

    mode: Literal["implicit", "explicit"] | None = None
    ttl: Literal["30m", "12h"] | None = None


class WithoutEffect(Body):
    """Parameters that are taken and change nothing.

    The operator's settings say how a model writes, and our checks say what it may.
    """

    parallel_tool_calls: bool | None = None
    prompt_cache_key: Text | None = Field(None, max_length=1000)
    prompt_cache_options: CacheOptions | None = None
    prompt_cache_retention: CacheRetention | None = None
    safety_identifier: Text | None = Field(None, max_length=1000)
    service_tier: ServiceTier | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    user: Text | None = Field(None, max_length=1000)
