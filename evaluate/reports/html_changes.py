"""The part of the report page that holds a run against its baseline."""

from collections.abc import Sequence
from html import escape

from evaluate.metrics.score import shortened
from evaluate.reports.number_format import figure, signed
from evaluate.reports.svg_charts import difference_bar
from evaluate.scoring.comparison import Change, Comparison, step_of
from evaluate.scoring.results import Result

_MOVERS = 8
_LONG = 700
"""Characters of a question that are shown."""
_SAME = 0.0005
"""Differences that would be shown as 0."""


def changes_section(compared: Comparison) -> str:
    """Return what has changed: figures, settings, and the questions that moved most."""
    known = [change for change in compared.changes.values() if change.difference is not None]
    changes = moved(known)
    shown = [change for change in changes if abs(change.difference or 0) <= 1]
    reach = max([abs(c.difference or 0) for c in shown] + [_far(c) for c in shown] + [0.01])
    rows = "".join(_row(change, reach) for change in changes)
    head = (
        '<tr><th>Metric</th><th class="number note">Before</th><th class="number">After</th>'
        f'<th class="number">Difference</th><th class="picture">-{reach:.2g} to {reach:.2g}</th>'
        '<th class="number">Won / lost</th></tr>'
    )
    same = [change.metric for change in known if change not in changes]
    if same:
        listed = ", ".join(f"<code>{escape(name)}</code>" for name in same)
        rows += f'<tr><td colspan="6" class="soft">Unchanged: {listed}</td></tr>'
    other = "" if compared.same_data else '<p class="warning">The data is not the same.</p>'
    return (
        f"<section><h2>Against the baseline, {compared.shared} questions</h2>{other}"
        f'<div class="card"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
        f"{_settings(compared)}{_movers(compared)}</section>"
    )


def moved(changes: Sequence[Change]) -> list[Change]:
    """Return the changes that would not be shown as none."""
    return [c for c in changes if abs(c.difference or 0.0) > _SAME or c.lost]


def metric_name(name: str) -> str:
    """Return a name as HTML that may be broken behind each of its parts."""
    parts = escape(name).replace("_", "_<wbr>").replace(".", ".<wbr>")
    return f"<code>{parts}</code>"


def _far(change: Change) -> float:
    interval = change.interval
    return max(abs(interval.low), abs(interval.high)) if interval else 0.0


def _row(change: Change, reach: float) -> str:
    difference = change.difference or 0.0
    verdict = ("worse" if change.worse else "better") if change.significant else ""
    span = change.interval
    between = (
        f'<br><span class="soft">{signed(span.low)} to {signed(span.high)}</span>' if span else ""
    )
    said = f' <span class="{verdict}">{verdict}</span>' if verdict else ""
    small = abs(difference) <= 1
    label = f"{change.metric} {difference:+.3f}"
    picture = difference_bar(difference, span, reach, label) if small else ""
    counts = f"{change.won} / {change.lost}" if change.won or change.lost else ""
    return (
        f"<tr><td>{metric_name(change.metric)}{said}</td>"
        f'<td class="number note">{figure(change.before)}</td>'
        f'<td class="number">{figure(change.after)}</td>'
        f'<td class="number">{signed(difference)}{between}</td>'
        f'<td class="picture">{picture}</td><td class="number">{counts}</td></tr>'
    )


def _settings(compared: Comparison) -> str:
    if not compared.settings:
        return '<p class="soft">Both runs were configured alike.</p>'
    rows = "".join(
        f'<tr><td>{metric_name(place)}</td><td class="long">{escape(str(before))}</td>'
        f'<td class="long">{escape(str(after))}</td></tr>'
        for place, (before, after) in compared.settings.items()
    )
    return (
        '<h3>Configured otherwise</h3><div class="card"><table><thead><tr><th>Setting</th>'
        f"<th>Before</th><th>After</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _movers(compared: Comparison) -> str:
    steps = [(step_of(old, new, compared.headline), new) for old, new in compared.movers]
    lost = [item for item in steps[:_MOVERS] if item[0] < 0]
    won = [item for item in reversed(steps[-_MOVERS:]) if item[0] > 0]
    return _moved("Questions that lost most", lost) + _moved("Questions that won most", won)


def _moved(title: str, steps: list[tuple[float, Result]]) -> str:
    rows = "".join(
        f"<tr><td>{escape(shortened(result.question, _LONG))}"
        f'<br><span class="soft">{escape(result.id)}</span></td>'
        f'<td class="number">{step:+.3f}</td></tr>'
        for step, result in steps
    )
    return f'<h3>{title}</h3><div class="card"><table>{rows}</table></div>' if rows else ""
