"""Which model is asked, and which one next: a chain behind the model port.

The end of every chain is the quoting answerer: where no model is left, ``write`` quotes.
"""

import hashlib
import logging
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from generate.errors import ModelError, ModelRefusedError, ModelUnavailableError
from generate.llm.circuit_breaker import Health
from generate.llm.port import Delta, Message, Model
from generate.llm.registry import ModelSpec
from generate.types import Usage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Route:
    """A model, what is known of it, and how it fares."""

    spec: ModelSpec
    model: Model
    health: Health = field(default_factory=Health)


class RoutedModel:
    """Tries its routes in order until one has said a word; from then on there is no other.

    A route is passed over where the prompt and the answer exceed its context, where its circuit is
    open, or where its engine is stuck.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = tuple(routes)
        self.name = routes[0].spec.name if routes else "quote"

    def for_tier(self, tier: str) -> "RoutedModel | None":
        """Return the chain for a tenant's tier; none where no model serves it."""
        tier_routes = [r for r in self._routes if not r.spec.tiers or tier in r.spec.tiers]
        return RoutedModel(tier_routes) if tier_routes else None

    @property
    def routes(self) -> tuple[Route, ...]:
        """The chain, first choice first."""
        return self._routes

    @property
    def context_tokens(self) -> int:
        """The longest context of the chain: what a prompt may fill."""
        return max(route.spec.context_tokens for route in self._routes)

    @property
    def deadline_s(self) -> float:
        """The longest time that a model of the chain may take."""
        return max(route.spec.deadline_seconds for route in self._routes)

    @property
    def settings(self) -> str:
        """A digest of everything that shapes what the chain writes."""
        listed = "\n".join(route.spec.writing_settings for route in self._routes)
        return hashlib.sha256(listed.encode()).hexdigest()

    def count_tokens(self, text: str) -> int:
        """Count with the chain's first tokenizer; another model's count may differ."""
        return self._routes[0].model.count_tokens(text)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the reply of the first route that gives one; each delta names its model.

        Raises:
            ModelError: the last route's failure, or that none could be asked.

        """
        failure: ModelError = ModelUnavailableError("No model can be asked at the moment.")
        for route in self._routes:
            if not self._fits(route, prompt) or not route.health.enter():
                continue
            has_spoken = False
            until = min(deadline, time.monotonic() + route.spec.deadline_seconds)
            try:
                with closing(_stream_with_health(route, prompt, until)) as deltas:
                    for delta in deltas:
                        has_spoken = has_spoken or bool(delta.text)
                        yield delta
            except ModelError as error:
                if has_spoken:
                    raise
                failure = error
            else:
                return
        raise failure

    @staticmethod
    def _fits(route: Route, prompt: Sequence[Message]) -> bool:
        """Tell by the route's own tokenizer; asked only where more than one could be meant."""
        size = sum(len(message.content.encode()) for message in prompt)
        room = route.spec.context_tokens - route.spec.answer_tokens
        if size <= room:  # a token is at least one byte
            return True
        return sum(route.model.count_tokens(message.content) for message in prompt) <= room


def _stream_with_health(
    route: Route, prompt: Sequence[Message], deadline: float
) -> Generator[Delta, None, None]:
    """Pass a stream on, telling the route's health how it went, with model and price noted."""
    failed: bool | None = None
    try:
        with closing(route.model.stream(prompt, deadline=deadline)) as deltas:
            for delta in deltas:
                route.health.moved()
                yield replace(delta, model=route.spec.name, usage=_usage_with_price(route, delta))
        failed = False
    except ModelError as error:
        # where it refuses, this request was at fault, or the configuration: the engine may be well
        failed = None if isinstance(error, ModelRefusedError) else True
        logger.warning("model %s failed: %s", route.spec.name, error)
        raise
    finally:
        route.health.leave(failed=failed)


def _usage_with_price(route: Route, delta: Delta) -> Usage | None:
    if delta.usage is None:
        return None
    usage = delta.usage
    cost = route.spec.price.of(usage.prompt_tokens, usage.completion_tokens)
    return replace(usage, cost=cost)
