"""A model for one ask: while it speaks, its ask needs no core; what it costs is counted."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field

from api.errors import BudgetSpentError
from generate.cancel import still_wanted
from generate.model import Delta, Message, Model
from generate.tokens import guess_tokens
from generate.types import Usage

Pricing = Callable[[str, int, int], float]
"""The price of (model, prompt tokens, completion tokens)."""


@dataclass
class Meter:
    """What the models of one ask have cost so far, also where the ask comes to nothing.

    A server tells what a reply cost at its end. Of a reply that was broken off, by its asker or
    by an error, the tokens are guessed.
    """

    price: Pricing
    spent: dict[str, Usage] = field(default_factory=dict)

    def watch(
        self, name: str, prompt: Sequence[Message], deltas: Iterable[Delta]
    ) -> Generator[Delta, None, None]:
        """Pass a reply on and count it."""
        said, usage, heard = [], Usage(), False
        try:
            for delta in deltas:
                name, heard = delta.model or name, True
                said.append(delta.text)
                usage = usage.plus(delta.usage or Usage())
                yield delta
        finally:
            if heard:
                known = usage.prompt_tokens or usage.completion_tokens
                self._add(name, usage if known else self._guess(name, prompt, "".join(said)))

    def _add(self, name: str, usage: Usage) -> None:
        self.spent[name] = self.spent.get(name, Usage()).plus(usage)

    def _guess(self, name: str, prompt: Sequence[Message], said: str) -> Usage:
        read = sum(guess_tokens(message.content) for message in prompt)
        written = guess_tokens(said)
        return Usage(read, written, self.price(name, read, written))


class AdmittedModel:
    """Steps aside for as long as a reply takes; stops where the asker has left.

    An ask may ask several times: to have its question rewritten, for its answer, for another one.
    Between the replies it computes, and counts so.
    """

    def __init__(
        self, model: Model, aside: Callable[[], AbstractContextManager[None]], meter: Meter
    ) -> None:
        self.name = model.name
        self._model = model
        self._aside = aside
        self._meter = meter

    def count_tokens(self, text: str) -> int:
        """Count as the model does."""
        return self._model.count_tokens(text)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the model's reply.

        Raises:
            ModelError: as the model does.
            AskerGoneError: nobody waits for the answer any more.

        """
        still_wanted()
        with (
            self._aside(),
            closing(self._model.stream(prompt, deadline=deadline)) as deltas,
            closing(self._meter.watch(self.name, prompt, deltas)) as counted,
        ):
            for delta in counted:
                still_wanted()
                yield delta


class SpentModel:
    """In a model's place where its asker's budget is used up: answers are quoted, and say so."""

    def __init__(self, name: str, spent: BudgetSpentError) -> None:
        self.name = name
        self._spent = spent

    def count_tokens(self, text: str) -> int:
        """Guess; nothing is sent."""
        return guess_tokens(text)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:  # noqa: ARG002 - of the port
        """Say that there is nothing left to spend.

        Raises:
            BudgetSpentError: always.

        """
        raise self._spent
        yield Delta()  # never reached: it makes this a generator, as the port asks
