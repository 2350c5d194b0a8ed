"""A model is asked: what the reply costs is counted on every meter that is open, whoever asks.

A meter surrounds the work as the asker's presence does (``generate/llm/cancellation.py``). So no
part that asks a model, be it the writer, the rewriter, a judge or a guard, can be forgotten.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from generate.errors import ModelError
from generate.llm.cancellation import AskerGoneError
from generate.llm.port import Delta, Message, Model
from generate.llm.reasoning_filter import ReasoningFilter
from generate.llm.token_counting import guess_tokens
from generate.llm.traced_chat import note_reply, traced_chat
from generate.types import Usage
from index.tracing import TraceSpan

ASKER_LEFT = "asker-left"
"""How a request ends whose reply nobody waits for any more."""

Pricing = Callable[[str, int, int], float]
"""The price of (model, prompt tokens, completion tokens)."""


def unpriced(_model: str, _prompt_tokens: int, _completion_tokens: int) -> float:
    """Return nothing: no model has a price."""
    return 0.0


@dataclass(frozen=True, slots=True)
class ModelCall:
    """How one request to a model went."""

    model: str
    seconds: float
    first_token_s: float | None
    """Seconds to the first piece of the reply; none where there was none."""
    failure: str | None = None
    """Code of the error that it ended with, or ``ASKER_LEFT``."""


@dataclass
class Meter:
    """Costs of the models that were asked while it was open, by their names."""

    price: Pricing = unpriced
    """Asked where a reply brings no price of its own."""
    usages: dict[str, Usage] = field(default_factory=dict)
    calls: list[ModelCall] = field(default_factory=list)
    """Every request, those without a reply included."""

    @property
    def total(self) -> Usage:
        """Return the cost of all of them together."""
        total = Usage()
        for usage in self.usages.values():
            total = total.plus(usage)
        return total

    def add(self, name: str, usage: Usage) -> None:
        """Count a reply."""
        cost = usage.cost or self.price(name, usage.prompt_tokens, usage.completion_tokens)
        self.usages[name] = self.usages.get(name, Usage()).plus(replace(usage, cost=cost))


_open: ContextVar[tuple[Meter, ...]] = ContextVar("meters", default=())


@contextmanager
def counting(meter: Meter) -> Iterator[Meter]:
    """Count on a meter what models cost inside the block; those around it count it, too."""
    token = _open.set((*_open.get(), meter))
    try:
        yield meter
    finally:
        _open.reset(token)


def ask(
    model: Model, prompt: Sequence[Message], *, deadline: float
) -> Generator[Delta, None, None]:
    """Yield a model's reply, counted; what it said to itself first is counted and left out.

    A server tells what a reply cost at its end. Of a reply that was broken off, by its reader or
    by an error, the tokens are guessed; a model that said nothing has cost nothing.

    Raises:
        ModelError: as the model does.

    """
    meters, reply, thoughts = _open.get(), _MeteredReply(model.name, prompt), ReasoningFilter()
    with (
        traced_chat(model.name, prompt) as step,
        closing(model.stream(prompt, deadline=deadline)) as deltas,
    ):
        try:
            for delta in deltas:
                reply.hear(delta)
                visible_text = thoughts.visible_part(delta.text)
                yield delta if visible_text == delta.text else replace(delta, text=visible_text)
            if rest := thoughts.rest():
                yield Delta(rest)
        except ModelError as error:
            reply.failure = error.code
            raise
        except AskerGoneError:
            reply.failure = ASKER_LEFT
            raise
        finally:
            reply.count_on(meters)
            reply.describe_to(step)


def read_reply(
    model: Model, prompt: Sequence[Message], *, deadline_s: float, longest: int
) -> tuple[str, Usage]:
    """Return a short reply and what it cost; one over ``longest`` characters is broken off.

    Raises:
        ModelError: no reply within ``deadline_s`` seconds, or no more of it.

    """
    reply, usage = "", Usage()
    with closing(ask(model, prompt, deadline=time.monotonic() + deadline_s)) as deltas:
        for delta in deltas:
            reply += delta.text
            usage = usage.plus(delta.usage) if delta.usage else usage
            if len(reply) > longest:
                break
    return reply, usage


@dataclass
class _MeteredReply:
    """The reply so far, and its cost."""

    name: str
    prompt: Sequence[Message]
    was_heard: bool = False
    failure: str | None = None
    _began: float = field(default_factory=time.perf_counter)
    _first_token_s: float | None = None
    _texts: list[str] = field(default_factory=list)
    _reported_usage: Usage = field(default_factory=Usage)

    def hear(self, delta: Delta) -> None:
        self.name, self.was_heard = delta.model or self.name, True
        if self._first_token_s is None and delta.text:
            self._first_token_s = time.perf_counter() - self._began
        self._texts.append(delta.text)
        self._reported_usage = self._reported_usage.plus(delta.usage or Usage())

    @property
    def cost(self) -> Usage:
        """Return the usage that the server reports, else an estimate."""
        if self._reported_usage.prompt_tokens or self._reported_usage.completion_tokens:
            return self._reported_usage
        prompt_tokens = sum(guess_tokens(message.content) for message in self.prompt)
        return Usage(prompt_tokens, guess_tokens("".join(self._texts)))

    def count_on(self, meters: Sequence[Meter]) -> None:
        """Count the request, and its cost where there was a reply."""
        seconds = time.perf_counter() - self._began
        call = ModelCall(self.name, seconds, self._first_token_s, self.failure)
        for meter in meters:
            meter.calls.append(call)
            if self.was_heard:
                meter.add(self.name, self.cost)

    def describe_to(self, step: TraceSpan) -> None:
        """Note the reply in a trace."""
        if self.was_heard and step.is_traced:
            note_reply(
                step, self.prompt, "".join(self._texts),
                model=self.name, usage=self.cost, first_token_s=self._first_token_s,
            )  # fmt: skip
