"""The models that may write answers: a YAML file, checked when it is read."""

import json
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from generate.errors import RegistryError

PER = 1_000_000
"""Prices are for this many tokens."""


OWN_FIELDS = frozenset(
    {"max_completion_tokens", "max_tokens", "messages", "model", "n", "reasoning_effort"}
    | {"response_format", "stream", "stream_options", "temperature", "tool_choice", "tools"}
)
"""Fields of a request that ``extra_body`` may not set: the service or another setting does."""
_EXTRA_BYTES = 16 << 10
"""Bytes that ``extra_body`` may have as JSON."""


class Price(BaseModel):
    """The price of a million tokens, in the operator's currency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: float = Field(0.0, ge=0)
    completion: float = Field(0.0, ge=0)

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return the price of one answer."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / PER


class ModelSpec(BaseModel):
    """One model and where it is served."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=200, pattern=r"^\S+$")
    """Its name in answers and reports; ``quote`` belongs to the quoting answerer."""
    url: str = Field(pattern=r"^https?://")
    served_as: str | None = None
    """The name the server knows it by, where that is another one."""
    context_tokens: int = Field(8_192, ge=512)
    answer_tokens: int = Field(512, ge=16)
    answer_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """The field of a request that limits the answer; OpenAI's reasoning models take the second."""
    first_token_seconds: float = Field(10.0, gt=0, le=600)
    """The longest silence that is waited out, before the first token and between tokens."""
    deadline_seconds: float = Field(30.0, gt=0, le=3600)
    """The time that a whole answer may take, with what is asked again."""
    temperature: float | None = Field(0.0, ge=0, le=2)
    """None: the server's own."""
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high"] | None = None
    """None: the request does not say."""
    extra_body: dict[str, JsonValue] = Field(default={}, repr=False)
    """More fields of each request; None takes a field of ours out."""
    prompt: Literal["large", "small"] = "large"
    """The instructions: for large models, or shorter ones for small models."""
    price: Price = Price()
    tiers: tuple[str, ...] = ()
    """The tenant tiers it serves; none means all of them."""
    serving: bool = True
    """False: known, shown and priced, but never asked."""
    tokenizer: Path | None = None
    """A ``tokenizer.json`` to count with; default: the server's ``/tokenize``, else a guess."""
    key_file: Path | None = None
    """A file that holds the server's key."""

    @property
    def base(self) -> str:
        """The server's address without ``/v1``."""
        return self.url.rstrip("/").removesuffix("/v1")

    @property
    def writing_settings(self) -> str:
        """Return everything that shapes what the model writes, as JSON."""
        return self.model_dump_json(exclude={"price", "tiers", "serving", "key_file", "tokenizer"})

    @field_validator("extra_body")
    @classmethod
    def _harmless(cls, fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if own := sorted(OWN_FIELDS & fields.keys()):
            raise ValueError(f"may not set {', '.join(own)}")
        try:
            size = len(json.dumps(fields, allow_nan=False).encode())
        except ValueError:
            raise ValueError("may have no number that JSON does not have") from None
        if size > _EXTRA_BYTES:
            raise ValueError(f"may have {_EXTRA_BYTES} bytes")
        return fields

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.name == "quote":
            raise ValueError("the name `quote` is the quoting answerer's")
        if self.answer_tokens >= self.context_tokens:
            raise ValueError("answer_tokens must be less than context_tokens")
        if self.first_token_seconds > self.deadline_seconds:
            raise ValueError("first_token_seconds must be at most deadline_seconds")
        return self


class TokenBudget(BaseModel):
    """Tokens, prompts and completions together, of a day and of a month (UTC); none: no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: int | None = Field(None, ge=0)
    month: int | None = Field(None, ge=0)


class Tier(BaseModel):
    """The rights and limits of one tier's tenants."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(1.0, gt=0, le=1000)
    """Its share where asks wait: twice the weight, twice the tokens."""
    tenant_tokens: TokenBudget = TokenBudget()
    """The budget of all users of a tenant together."""
    user_tokens: TokenBudget = TokenBudget()
    """The budget of each user."""
    over_budget: Literal["quote", "refuse"] = "quote"
    """The outcome of an ask whose budget is used up: a quoted answer, or a refusal."""
    tenant_requests: int = Field(0, ge=0)
    """Requests a minute that all users of a tenant may send together; 0 means no limit."""
    user_requests: int = Field(0, ge=0)
    """Requests a minute that each user may send, by whatever keys; 0 means no limit."""

    @property
    def has_budget(self) -> bool:
        """Tell whether there is any budget."""
        return TokenBudget() != self.tenant_tokens or TokenBudget() != self.user_tokens


class Registry(BaseModel):
    """All models, in the order in which they are tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: tuple[ModelSpec, ...] = ()
    tenants: dict[str, str] = {}
    """The tier of each tenant that has one; all others are ``standard``."""

    tiers: dict[str, Tier] = {}

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [spec.name for spec in self.models]
        if len(set(names)) < len(names):
            raise ValueError("two models have the same name")
        return self

    def tier(self, tenant: str) -> str:
        """Return a tenant's tier."""
        return self.tenants.get(tenant, "standard")

    def terms(self, tenant: str) -> Tier:
        """Return what a tenant's tier gets."""
        return self.tiers.get(self.tier(tenant), Tier())

    def cost(self, model: str, prompt_tokens: int, completion_tokens: int) -> float:
        """Return the price of tokens by a model's name; 0 for one that is not known."""
        for spec in self.models:
            if spec.name == model:
                return spec.price.of(prompt_tokens, completion_tokens)
        return 0.0


def read_key(path: Path) -> str:
    """Read a model server's key from its file.

    Raises:
        RegistryError: the file cannot be read.

    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RegistryError(f"The key file {path} cannot be read.") from error


def read_registry(path: Path) -> Registry:
    """Read a registry.

    Raises:
        RegistryError: the file cannot be read, is not YAML, or does not fit; it says where.

    """
    try:
        return Registry.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RegistryError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        )
        raise RegistryError(f"{path} does not fit. {problems}") from error
