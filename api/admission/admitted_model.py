"""A model for one ask: while it speaks, its ask needs no core."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, closing

from api.errors import BudgetSpentError
from generate.llm.cancellation import still_wanted
from generate.llm.port import Delta, Message, Model
from generate.llm.token_counting import guess_tokens


class AdmittedModel:
    """Steps aside for as long as a reply takes; stops where the asker has left.

    An ask may ask several times: to have its question rewritten, for its answer, for another one.
    Between the replies it computes, and counts so.
    """

    def __init__(self, model: Model, aside: Callable[[], AbstractContextManager[None]]) -> None:
        self.name = model.name
        self._model = model
        self._aside = aside

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
        ):
            for delta in deltas:
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
