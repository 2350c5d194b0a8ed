"""Server-sent events, and the sentences of an answer that arrives as it is checked.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from footnote_client.errors import ProblemError, problem_error
from footnote_client.models import AnswerView, Citation, Mark, Sentence, Span


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name and its data."""

    name: str
    data: Any


@dataclass(slots=True)
class EventParser:
    """Makes events of the lines of a stream; comments, which keep it alive, are skipped."""

    _name: str = "message"
    _lines: list[str] = field(default_factory=list)

    def feed(self, line: str) -> Event | None:
        """Take one line without its end; return an event where the line completes one."""
        if not line:
            name, lines = self._name, self._lines
            self._name, self._lines = "message", []
            return Event(name, json.loads("\n".join(lines))) if lines else None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._name = value
        elif name == "data":
            self._lines.append(value)
        return None


class SentencePlace(BaseModel):
    """Where in the answer's blocks a sentence stands."""

    number: int
    """The block, from 0."""
    unit: int
    """The item or row in the block, from 0."""
    kind: str
    introduction: str = ""
    header: list[str] = []
    cells: list[Span] = []
    marks: list[Mark] = []


class CheckedSentence(Sentence):
    """A sentence that has passed its checks, with its citations."""

    citations: list[Citation]
    block: SentencePlace


class AnswerCollector:
    """Reads the events of an answer: its sentences, and in the end the whole answer."""

    def __init__(self) -> None:
        self.answer: AnswerView | None = None
        """The whole answer, once the stream has ended."""

    def take(self, event: Event) -> CheckedSentence | None:
        """Return the sentence that an event holds; none where it holds another thing.

        Raises:
            ProblemError: the answer failed.

        """
        if event.name == "sentence":
            return CheckedSentence.model_validate(event.data)
        if event.name == "done":
            self.answer = AnswerView.model_validate(event.data)
        elif event.name == "error":
            raise stream_error(event.data)
        return None


def stream_error(data: dict[str, Any]) -> ProblemError:
    """Return the error that a stream ended with."""
    return problem_error(data)
