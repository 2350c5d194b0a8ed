"""The port of a language model."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from generate.types import Usage


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the model's text as it arrives; the last one carries the usage."""

    text: str = ""
    usage: Usage | None = None
    model: str | None = None
    """Which model of a chain speaks; none where there is only one."""


class Model(Protocol):
    """Something that continues a chat, piece by piece."""

    name: str

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        """Yield the reply as it is written. Closing the iterator cancels the request.

        Args:
            prompt: the messages, oldest first.
            deadline: the moment on ``time.monotonic()`` after which nobody waits.

        Raises:
            ModelError: no reply, or no more of it.

        """
        ...

    def count_tokens(self, text: str) -> int:
        """Count the text's tokens; where they can only be guessed, never too few."""
        ...


@runtime_checkable
class FormModel(Model, Protocol):
    """A model whose server can hold it to a form while it writes."""

    def in_form(self, schema: Mapping[str, Any]) -> Model:
        """Return the same model, whose replies are JSON that fits a JSON Schema."""
        ...
