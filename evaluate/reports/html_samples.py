"""The part of the report page that shows single questions: what was asked, found and said."""

import json
import re
from collections.abc import Iterable, Sequence
from html import escape

from evaluate.metrics.score import shortened
from evaluate.reports.number_format import figure
from evaluate.scoring.results import Fault, Report, Result, worst

_WORST = 25
_SHOWN_APART = ("answer", "passages", "citations", "tags")
_HIDDEN = ("snapshot",)
_MARKER = re.compile(r"\[\d+\]")
_LONG = 700
_SHOWN_PASSAGES = 8
_SHOWN_CHARACTERS = 1_200


def worst_section(report: Report) -> str:
    """Return the samples that went worst, each to be opened."""
    cards = "".join(_card(fault, report.headline) for fault in worst(report, _WORST))
    if not cards:
        return ""
    return f"<section><h2>Worst by <code>{escape(report.headline)}</code></h2>{cards}</section>"


def _card(fault: Fault, headline: str) -> str:
    result = fault.result
    by = "" if fault.metric == headline else f"{fault.metric}: "
    told = f"{result.id} · {by}{fault.score.reason}"
    return (
        '<details class="card sample"><summary>'
        f'<span class="value">{figure(fault.score.value)}</span> '
        f"{escape(shortened(result.question, _LONG))}"
        f'<br><span class="soft">{escape(told)}</span></summary>'
        f"{_answer(result)}{_passages(result)}{_facts(result)}{_scores(result)}</details>"
    )


def _answer(result: Result) -> str:
    text = result.facts.get("answer")
    if not text:
        return ""
    marked = _MARKER.sub(lambda m: f'<mark class="number">{m.group()}</mark>', escape(text))
    cited = "".join(
        f"<li><q>{escape(quote)}</q> <span class='soft'>{escape(document)}"
        f"{f' · {escape(verdict)}' if verdict else ''}</span></li>"
        for document, quote, verdict in result.facts.get("citations", ())
    )
    listed = f"<ol>{cited}</ol>" if cited else ""
    return f'<h3>Answer</h3><div class="said">{marked}</div>{listed}'


def _passages(result: Result) -> str:
    held = result.facts.get("passages")
    if not held:
        return ""
    gold = set(result.facts.get("gold", ()))
    quotes = [quote for _, quote, _ in result.facts.get("citations", ())]
    rows = "".join(
        f'<li><span class="soft">{escape(document)}'
        f"{' · <b>gold</b>' if document in gold else ''}</span>"
        f'<div class="passage">{highlighted(text[:_SHOWN_CHARACTERS], quotes)}</div></li>'
        for document, text in held[:_SHOWN_PASSAGES]
    )
    return f"<details><summary>Passages</summary><ol>{rows}</ol></details>"


def _facts(result: Result) -> str:
    rows = "".join(
        _term(name, _lines(value))
        for name, value in result.facts.items()
        if name not in (*_SHOWN_APART, *_HIDDEN) and value not in (None, "", [], {})
    )
    return f"<dl>{rows}</dl>"


def _scores(result: Result) -> str:
    rows = "".join(
        f'<tr><td><code>{escape(name)}</code></td><td class="number">{figure(score.value)}</td>'
        f'<td class="soft">{escape(score.reason)}</td></tr>'
        for name, score in result.scores.items()
    )
    return f"<details><summary>All scores</summary><table>{rows}</table></details>"


def highlighted(text: str, quotes: Iterable[str]) -> str:
    """Return text as HTML with the quotes in it marked; what overlaps is marked once."""
    marks = [False] * len(text)
    for quote in quotes:
        start = text.find(quote) if quote else -1
        if start >= 0:
            marks[start : start + len(quote)] = [True] * len(quote)
    shown, at = [], 0
    while at < len(text):
        end = at
        while end < len(text) and marks[end] == marks[at]:
            end += 1
        piece = escape(text[at:end])
        shown.append(f"<mark>{piece}</mark>" if marks[at] else piece)
        at = end
    return "".join(shown)


def _term(name: str, lines: Sequence[str]) -> str:
    shown = (
        "".join(f"<dd>{escape(shortened(line, _LONG))}</dd>" for line in lines) or "<dd>none</dd>"
    )
    return f"<dt>{escape(name.replace('_', ' '))}</dt>{shown}"


def _lines(value: object) -> list[str]:
    """Write a fact for reading: a line for each item of a list, its parts set apart."""
    if not isinstance(value, list):
        return [written(value)]
    return [
        " · ".join(map(written, item)) if isinstance(item, list) else written(item)
        for item in value
    ]


def written(value: object) -> str:
    """Write any JSON value for reading."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
