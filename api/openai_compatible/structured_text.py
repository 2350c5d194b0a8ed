"""A reply in a form: JSON out of the rows that were released, each value with its citations.

Nothing stands in it that is not a cell of a released row: a value without one is ``null`` where the
schema lets it, and otherwise there is no reply but the reason why.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.openai_compatible.answer_text import AnswerText, FinishReason, TextLimits, released_events
from api.openai_compatible.reply_forms import Path, ReplyForm, ValueKind

_NUMBER = re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_LONGEST_NUMBER = 100
"""Digits: more of them are no JSON number, which ends at about 1e308."""
_PAIR = 2
"""Cells of a row: a name and a value."""


@dataclass(frozen=True, slots=True)
class CheckedValue:
    """A value of a released row, and the citations that it rests on."""

    value: str | int | float
    citations: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class StructuredText:
    """Takes an answer's sentences, then the whole answer, as ``AnswerText``; it is one piece."""

    form: ReplyForm
    limits: TextLimits = field(default_factory=TextLimits)
    text: str = ""
    citations: list[Mapping[str, Any]] = field(default_factory=list)
    finish_reason: FinishReason = "stop"
    refusal: str | None = None
    """Why there is no JSON; the text is empty then."""
    is_streamed: bool = False

    def add(self, _sentence: Mapping[str, Any]) -> str:
        """Return nothing: JSON that breaks off could not be read."""
        return ""

    def close(self, answer: Mapping[str, Any]) -> str:
        """Take the whole answer and return the JSON; nothing where it is refused or too long."""
        rows = list(_rows(answer))
        if not rows or answer["status"] == "blocked":
            self.refusal = answer["notice"] or answer["text"]
            return ""
        writer = _JsonWriter()
        try:
            writer.write(_object_of(self.form, rows))
        except _NoMatchError as error:
            self.refusal = str(error)
            return ""
        reason = self.limits.passed_by(writer.text)
        if reason is not None:
            self.finish_reason = reason
            return ""
        self.text, self.citations = writer.text, writer.citations
        return self.text


class _NoMatchError(Exception):
    """The released rows do not match the schema."""


def _rows(answer: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[Mapping[str, Any], ...]]]:
    """Yield the name, the value and the citations of each released row with two cells."""
    for block in answer["blocks"]:
        for unit in block["units"] if block["kind"] == "table" else ():
            sentence = answer["sentences"][unit["sentences"][0]]
            cells = [answer["text"][cell["start"] : cell["end"]] for cell in unit["cells"]]
            citations = tuple(
                each for each in answer["citations"] if each["answer_start"] == sentence["start"]
            )
            is_checked = citations and sentence["verdict"] != "unsupported"
            if len(cells) == _PAIR and all(cells) and is_checked:
                yield cells[0], cells[1], citations


def _object_of(
    form: ReplyForm, rows: Sequence[tuple[str, str, tuple[Mapping[str, Any], ...]]]
) -> dict[str, Any]:
    """Return the object that the rows make, with a ``CheckedValue`` for each value.

    Raises:
        _NoMatchError: the schema asks for what they do not have.

    """
    by_name: dict[str, list[CheckedValue]] = {}
    kinds = {value.name: value.kind for value in form.values}
    for name, text, citations in rows:
        key = name if form.schema is None else " ".join(name.lower().split())
        value = _parsed(text, kinds.get(key, "string"))
        if value is not None:
            by_name.setdefault(key, []).append(CheckedValue(value, citations))
    if form.schema is None:
        return {name: each if len(each) > 1 else each[0] for name, each in by_name.items()}
    return _matching(form, form.schema, by_name)


def _matching(
    form: ReplyForm, schema: Mapping[str, Any], by_name: Mapping[str, list[CheckedValue]]
) -> dict[str, Any]:
    from jsonschema import Draft202012Validator

    outcome: dict[str, Any] = {}
    missing = []
    for value in form.values:
        checked_values = by_name.get(value.name, [])
        if value.is_list:
            _put(outcome, value.path, checked_values)
        elif checked_values:
            _put(outcome, value.path, checked_values[0])
        elif value.is_nullable:
            _put(outcome, value.path, None)
        elif value.is_required:
            missing.append(value.name)
    if missing:
        raise _NoMatchError(f"The documents do not say this: {', '.join(missing)}.")
    errors = Draft202012Validator(schema).iter_errors(_plain(outcome))
    for error in errors:
        place = ".".join(map(str, error.absolute_path)) or "the object"
        raise _NoMatchError(f"What the documents say does not match the schema at {place}.")
    return outcome


def _put(outcome: dict[str, Any], path: Path, value: Any) -> None:
    *parents, name = path
    for parent in parents:
        outcome = outcome.setdefault(parent, {})
    outcome[name] = value


def _parsed(text: str, kind: ValueKind) -> str | int | float | None:
    """Return a cell as a value; none where it is not one number, as it was to be."""
    if kind == "string":
        return text
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1 or len(numbers[0]) > _LONGEST_NUMBER:
        return None
    digits = numbers[0].replace(",", "")
    if "." not in digits:
        return int(digits)
    return None if kind == "integer" else float(digits)


def _plain(node: Any) -> Any:
    if isinstance(node, CheckedValue):
        return node.value
    if isinstance(node, dict):
        return {name: _plain(each) for name, each in node.items()}
    return [_plain(each) for each in node] if isinstance(node, list) else node


@dataclass(slots=True)
class _JsonWriter:
    """Writes JSON and keeps where each checked value stands in it."""

    text: str = ""
    citations: list[Mapping[str, Any]] = field(default_factory=list)

    def write(self, node: Any) -> None:
        """Append a node."""
        if isinstance(node, CheckedValue):
            start = len(self.text)
            self.text += json.dumps(node.value, ensure_ascii=False)
            place = {"answer_start": start, "answer_end": len(self.text)}
            self.citations += [{**citation, **place} for citation in node.citations]
        elif isinstance(node, dict):
            self._write_all("{", node.items(), "}")
        elif isinstance(node, list):
            self._write_all("[", [(None, each) for each in node], "]")
        else:
            self.text += json.dumps(node)

    def _write_all(self, opening: str, pairs: Any, closing: str) -> None:
        self.text += opening
        for number, (name, each) in enumerate(pairs):
            self.text += ", " if number else ""
            self.text += "" if name is None else f"{json.dumps(name, ensure_ascii=False)}: "
            self.write(each)
        self.text += closing


ReplyText = AnswerText | StructuredText


def reply_text(limits: TextLimits, form: ReplyForm | None) -> ReplyText:
    """Return what takes an answer's sentences: a growing text, or a form."""
    return AnswerText(limits) if form is None else StructuredText(form, limits)


def filled_text(text: ReplyText, answer: Mapping[str, Any]) -> ReplyText:
    """Let a text take the whole JSON of an answer, and return it."""
    for sentence in released_events(answer):
        text.add(sentence)
    text.close(answer)
    return text
