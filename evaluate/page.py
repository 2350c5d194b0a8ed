"""The report as one self-contained HTML page: no script, nothing fetched, prints well."""

import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from evaluate.pictures import histogram, interval_bar, line
from evaluate.results import Measure, Report, Result, worst
from evaluate.score import figure, judged

_WORST = 25
_NAMES = {"retrieval": "Retrieval", "answers": "Answers", "verifier": "Verifier"}


def render_page(report: Report) -> str:
    """Return the whole page; everything that comes from data is escaped."""
    title = f"{_NAMES[report.kind]}: {report.dataset}"
    style = files("evaluate").joinpath("style.css").read_text(encoding="utf-8")
    body = (
        _head(report, title)
        + _warnings(report)
        + _summary(report)
        + _distribution(report)
        + _curves(report)
        + _worst(report)
        + _run(report)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}</body></html>\n"
    )


def _head(report: Report, title: str) -> str:
    counts = ", ".join(f"{count:,} {escape(name)}" for name, count in report.counts.items())
    when = f"{report.started_at:%d %B %Y, %H:%M} UTC"
    return f'<header><h1>{escape(title)}</h1><p class="soft">{when} · {counts}</p></header>'


def _warnings(report: Report) -> str:
    return "".join(f'<p class="card warning">{escape(text)}</p>' for text in report.warnings)


def _summary(report: Report) -> str:
    rows = "".join(_summary_row(name, measure) for name, measure in report.measures.items())
    columns = (
        ("", "Metric"),
        ("number", "Value"),
        ("number", "95 % interval"),
        ("picture", "0 to 1"),
        ("note", "Basis"),
    )
    return f'<section><h2>Summary</h2><div class="card">{_table(columns, rows)}</div></section>'


def _summary_row(name: str, measure: Measure) -> str:
    value, interval = measure.score.value, measure.interval
    span = f"{figure(interval.low)} to {figure(interval.high)}" if interval else ""
    label = f"{name} {figure(value)} {span}".strip()
    drawn = value is not None and 0 <= value <= 1
    picture = interval_bar(value, interval, label) if drawn and value is not None else ""
    return (
        f'<tr><td><code>{escape(name)}</code></td><td class="number">{figure(value)}</td>'
        f'<td class="number">{span}</td><td class="picture">{picture}</td>'
        f'<td class="note soft">{escape(measure.score.reason)}</td></tr>'
    )


def _distribution(report: Report) -> str:
    scores = [r.scores[report.headline] for r in report.results if report.headline in r.scores]
    values = judged(scores)
    if not values:
        return ""
    title = f"{report.headline}: how many samples have which score"
    return (
        f"<section><h2>How <code>{escape(report.headline)}</code> is distributed</h2>"
        f'<div class="card">{histogram(values, title)}</div></section>'
    )


def _curves(report: Report) -> str:
    return "".join(
        f'<section><h2>{escape(curve.title)}</h2><div class="card">{line(curve)}</div></section>'
        for curve in report.curves
        if curve.points
    )


def _worst(report: Report) -> str:
    rows = "".join(_worst_row(result, report.headline) for result in worst(report, _WORST))
    if not rows:
        return ""
    table = _table((("", "Sample"), ("number", "Score")), rows)
    name = escape(report.headline)
    return f'<section><h2>Lowest <code>{name}</code></h2><div class="card">{table}</div></section>'


def _worst_row(result: Result, headline: str) -> str:
    score = result.scores[headline]
    facts = "".join(_term(name, _lines(value)) for name, value in result.facts.items())
    scores = "".join(
        _term(name, [f"{figure(other.value)}: {other.reason}"])
        for name, other in result.scores.items()
    )
    return (
        f"<tr><td>{escape(result.question)}<br>"
        f'<span class="soft">{escape(result.id)} · {escape(score.reason)}</span>'
        f"<details><summary>What happened</summary><dl>{facts}{scores}</dl></details>"
        f'</td><td class="number">{figure(score.value)}</td></tr>'
    )


def _term(name: str, lines: Sequence[str]) -> str:
    shown = "".join(f"<dd>{escape(line)}</dd>" for line in lines) or "<dd>none</dd>"
    return f"<dt>{escape(name.replace('_', ' '))}</dt>{shown}"


def _lines(value: object) -> list[str]:
    """Write a fact for reading: a line for each item of a list, its parts set apart."""
    if not isinstance(value, list):
        return [_written(value)]
    return [
        " · ".join(map(_written, item)) if isinstance(item, list) else _written(item)
        for item in value
    ]


def _run(report: Report) -> str:
    facts = {"data set SHA-256": report.fingerprint, "seconds": f"{report.seconds:.1f}"}
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(_written(value))}</td></tr>"
        for name, value in {**facts, **report.config}.items()
    )
    return (
        '<section><h2>How this was run</h2><div class="card"><table><tbody>'
        f"{rows}</tbody></table></div></section>"
    )


def _table(columns: Sequence[tuple[str, str]], rows: str) -> str:
    head = "".join(f'<th class="{kind}">{name}</th>' for kind, name in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
