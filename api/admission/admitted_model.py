"""A language model for one ask: while the model writes, its ask gives its core to another."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing

from api.errors import BudgetSpentError
from generate.llm.cancellation import raise_if_cancelled
from generate.llm.port import Delta, Message, Model
from generate.llm.token_counting import guess_tokens


class AdmittedModel:
    """Gives up the ask's core for as long as a reply takes; stops when the asker has left.

    One ask may call the model several times: to rewrite the question, to answer, to answer again.
    Between the replies it computes and has its core back.
    """

    def __init__(
        self, model: Model, without_core: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.name = model.name
        self._model = model
        self._without_core = without_core

    def count_tokens(self, text: str) -> int:
        """Count as the model does."""
        return self._model.count_tokens(text)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the model's reply.

        Raises:
            ModelError: as the model does.
            AskerGoneError: nobody waits for the answer any more.

        """
        raise_if_cancelled()
        with (
            self._without_core(),
            closing(self._model.stream(prompt, deadline=deadline)) as deltas,
        ):
            for delta in deltas:
                raise_if_cancelled()
                yield delta


class OverBudgetModel:
    """Stands in for a model when the token budget is used up: answers are quoted and say why."""

    def __init__(self, name: str, error: BudgetSpentError) -> None:
        self.name = name
        self._error = error

    def count_tokens(self, text: str) -> int:
        """Estimate the tokens; nothing is sent."""
        return guess_tokens(text)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:  # noqa: ARG002 - of the port
        """Refuse to write.

        Raises:
            BudgetSpentError: always.

        """
        raise self._error
        yield Delta()  # never reached: it makes this a generator, as the port asks
