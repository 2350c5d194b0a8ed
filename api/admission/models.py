"""A model for one ask: while it speaks, its ask needs no core."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from generate.cancel import still_wanted
from generate.model import Delta, Message, Model


class AdmittedModel:
    """Steps aside before the model is asked; stops where the asker has left."""

    def __init__(self, model: Model, step_aside: Callable[[], None]) -> None:
        self.name = model.name
        self._model = model
        self._step_aside = step_aside

    def count_tokens(self, text: str) -> int:
        """Count as the model does."""
        return self._model.count_tokens(text)

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the model's reply.

        Raises:
            ModelError: as the model does.
            AskerGoneError: nobody waits for the answer any more.

        """
        self._step_aside()
        still_wanted()
        with closing(self._model.stream(prompt, deadline=deadline)) as deltas:
            for delta in deltas:
                still_wanted()
                yield delta
