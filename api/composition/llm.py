"""Builds the language models: those that write answers, those that judge, those that guard."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from api.settings import Settings
from generate.llm.circuit_breaker import Health
from generate.llm.fallback_chain import Route, RoutedModel
from generate.llm.openai_client import ModelEndpoint, OpenAIModel
from generate.llm.registry import ModelSpec, Registry, read_key, read_registry
from generate.llm.token_counting import local_counter, server_counter
from index.egress.operator_client import operator_client

if TYPE_CHECKING:
    from generate.guardrails.guard_models import Guard
    from generate.guardrails.policy import Classifier, GuardModel
    from generate.guardrails.policy_reload import PolicySource, PolicyState

STUCK_SHARE = 0.8
"""The part of a model's ``first_token_seconds`` after which an engine without a token is stuck."""
MODEL_CONNECTIONS = 32
"""Connections to one model server at most."""


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """The models that may write answers, and the tiers of the tenants that ask them."""

    registry: Registry
    chain: RoutedModel | None
    """The models that serve, first choice first; none: answers are quoted."""


def load_language_models(settings: Settings, registry: Registry) -> LanguageModels:
    """Return the models that serve; nothing is sent to their servers.

    Raises:
        RegistryError: a key cannot be read.

    """
    routes = [_route(settings, spec) for spec in registry.models if spec.serving]
    return LanguageModels(registry, RoutedModel(routes) if routes else None)


def load_registry(settings: Settings) -> Registry:
    """Return the configured models: those of the file, or the one at ``model_url``.

    Raises:
        RegistryError: the file does not fit.

    """
    if settings.models is not None:
        return read_registry(settings.models)
    if not settings.model_url:
        return Registry()
    spec = ModelSpec(name=settings.model_name or "default", url=settings.model_url)
    return Registry(models=(spec,))


def model_key(settings: Settings, spec: ModelSpec) -> str | None:
    """Return the key of a model's server: its own file's, or the one for all."""
    if spec.key_file is not None:
        return read_key(spec.key_file)
    return _shared_key(settings)


def model_at(settings: Settings, url: str, name: str | None) -> OpenAIModel:
    """Return the model at an address, for judging and guarding."""
    endpoint = ModelEndpoint(
        name=name or "default", url=url.rstrip("/").removesuffix("/v1"), key=_shared_key(settings)
    )
    return OpenAIModel(endpoint, operator_client(max_connections=MODEL_CONNECTIONS))


def load_policy(
    settings: Settings, on_change: Callable[["PolicyState"], None] = lambda _state: None
) -> "PolicySource":
    """Return the guardrails' policy; all answers of a process share it.

    ``on_change`` is told which policy is in force, now and whenever that changes.

    Raises:
        PolicyError: the file does not fit.

    """
    from generate.guardrails.policy_reload import PolicySource

    make_guard = partial(load_guard, settings)
    source = PolicySource(settings.policy, make_guard=make_guard, on_change=on_change)
    on_change(source.state)
    return source


def load_guard(settings: Settings, spec: "GuardModel | Classifier") -> "Guard":
    """Return the guard that a rule of the policy asks for.

    Raises:
        PolicyError: a classifier cannot be loaded.

    """
    from generate.guardrails.text_classifier import guard_of

    return guard_of(spec, partial(model_at, settings))


def _route(settings: Settings, spec: ModelSpec) -> Route:
    """Return a model with its circuit: who may be silent for longer is stuck later."""
    health = Health(stuck_s=STUCK_SHARE * spec.first_token_seconds)
    return Route(spec, _listed_model(settings, spec), health)


def _listed_model(settings: Settings, spec: ModelSpec) -> OpenAIModel:
    key = model_key(settings, spec)
    served_as = spec.served_as or spec.name
    client = operator_client(max_connections=MODEL_CONNECTIONS)
    count = (
        local_counter(spec.tokenizer)
        if spec.tokenizer
        else server_counter(client, spec.base, served_as, key)
    )
    endpoint = ModelEndpoint(
        name=spec.name, url=spec.base, key=key, served_as=served_as,
        answer_tokens=spec.answer_tokens, answer_tokens_field=spec.answer_tokens_field,
        temperature=spec.temperature, reasoning_effort=spec.reasoning_effort,
        extra_body=spec.extra_body, stall_s=spec.first_token_seconds,
    )  # fmt: skip
    return OpenAIModel(endpoint, client, count=count)


def _shared_key(settings: Settings) -> str | None:
    key = settings.model_key
    return key.get_secret_value() if key else None
