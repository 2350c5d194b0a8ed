"""The part of the report page that shows single questions: the answer, its passages, its scores."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from markupsafe import Markup, escape

from evaluate.scoring.results import Result

WORST_SHOWN = 25
PASSAGES_SHOWN = 8
_SHOWN_APART = ("answer", "passages", "citations", "tags")
_HIDDEN = ("snapshot",)
_MARKER = re.compile(r"\[\d+\]")
_PASSAGE_CHARACTERS = 1_200


def mark_citations(text: str) -> Markup:
    """Return an answer as HTML with its markers ``[1]`` set apart."""
    markup = _MARKER.sub(lambda m: f'<mark class="number">{m.group()}</mark>', str(escape(text)))
    return Markup(markup)  # noqa: S704 - escaped in the line before


def mark_passage(text: str, citations: Iterable[Sequence[str]]) -> Markup:
    """Return a passage, shortened, as HTML with the quotes of the citations marked."""
    return highlight(text[:_PASSAGE_CHARACTERS], [quote for _, quote, _ in citations])


def highlight(text: str, quotes: Iterable[str]) -> Markup:
    """Return text as HTML with the quotes in it marked; quotes that overlap are marked once."""
    marks = [False] * len(text)
    for quote in quotes:
        start = text.find(quote) if quote else -1
        if start >= 0:
            marks[start : start + len(quote)] = [True] * len(quote)
    pieces, start = [], 0
    while start < len(text):
        end = start
        while end < len(text) and marks[end] == marks[start]:
            end += 1
        piece = escape(text[start:end])
        pieces.append(Markup("<mark>{}</mark>").format(piece) if marks[start] else piece)
        start = end
    return Markup().join(pieces)


def other_facts(result: Result) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the lines of each fact that the page shows nowhere else."""
    for name, value in result.facts.items():
        if name not in (*_SHOWN_APART, *_HIDDEN) and value not in (None, "", [], {}):
            yield name.replace("_", " "), _lines(value)


def _lines(value: object) -> list[str]:
    """Write a fact for reading: a line for each item of a list, its fields set apart."""
    if not isinstance(value, list):
        return [as_text(value)]
    return [
        " · ".join(map(as_text, item)) if isinstance(item, list) else as_text(item)
        for item in value
    ]


def as_text(value: object) -> str:
    """Write any JSON value for reading."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
