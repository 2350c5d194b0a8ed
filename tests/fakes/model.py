"""A model that says what it was told to say."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from generate.errors import ModelError
from generate.llm.port import Delta, Message
from generate.types import Usage


@dataclass
class ScriptedModel:
    """Replies with ``script``, in pieces of ``size`` characters; then fails, if told to."""

    script: str | Callable[[Sequence[Message]], str] = ""
    size: int = 7
    failure: ModelError | None = None
    name: str = "scripted"
    prompts: list[tuple[Message, ...]] = field(default_factory=list)
    pieces_sent: list[str] = field(default_factory=list)
    closed: bool = False

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        self.prompts.append(tuple(prompt))
        text = self.script if isinstance(self.script, str) else self.script(prompt)
        try:
            for start in range(0, len(text), self.size):
                piece = text[start : start + self.size]
                self.pieces_sent.append(piece)
                yield Delta(piece)
            if self.failure:
                raise self.failure
            yield Delta(usage=Usage(self.count_tokens(str(prompt)), self.count_tokens(text)))
        finally:
            self.closed = True

    def count_tokens(self, text: str) -> int:
        return len(text) // 4 + 1


@dataclass
class SplitModel(ScriptedModel):
    """Says its script in two pieces, cut at an offset."""

    boundary: int = 0

    def stream(self, prompt: Sequence[Message], *, deadline: float) -> Generator[Delta, None, None]:
        self.prompts.append(tuple(prompt))
        text = self.script if isinstance(self.script, str) else self.script(prompt)
        for piece in (text[: self.boundary], text[self.boundary :]):
            yield Delta(piece)
