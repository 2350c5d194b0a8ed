"""The part of the report page that holds a run against its baseline."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from evaluate.reports.svg_charts import difference_bar
from evaluate.scoring.comparison import Comparison, MetricChange, step_of
from evaluate.scoring.results import Result

_MOVERS = 8
_NEGLIGIBLE = 0.0005
"""Differences that would be shown as 0."""

Step = tuple[float, Result]
"""By how much a question's headline score moved, and the question."""


@dataclass(frozen=True, slots=True)
class ChangesView:
    """Everything that the page says about a run against its baseline."""

    compared: Comparison
    figures: list[MetricChange]
    unchanged: list[str]
    """Metrics whose figures would be shown as the same."""
    reach: float
    """The largest difference that is drawn; the middle of each picture is 0."""
    lost_most: list[Step]
    won_most: list[Step]


def changes_view(compared: Comparison) -> ChangesView:
    """Return the changed figures, settings, and the questions that moved most."""
    known_changes = [
        change for change in compared.changes.values() if change.difference is not None
    ]
    changes = visible_changes(known_changes)
    drawn_changes = [change for change in changes if abs(change.difference or 0) <= 1]
    lengths = [abs(change.difference or 0) for change in drawn_changes] + [
        _far(each) for each in drawn_changes
    ]
    steps = [(step_of(old, new, compared.headline), new) for old, new in compared.movers]
    return ChangesView(
        compared=compared,
        figures=changes,
        unchanged=[change.metric for change in known_changes if change not in changes],
        reach=max([*lengths, 0.01]),
        lost_most=[step for step in steps[:_MOVERS] if step[0] < 0],
        won_most=[step for step in reversed(steps[-_MOVERS:]) if step[0] > 0],
    )


def visible_changes(changes: Sequence[MetricChange]) -> list[MetricChange]:
    """Return the changes that would not be shown as none."""
    return [c for c in changes if abs(c.difference or 0.0) > _NEGLIGIBLE or c.lost]


def metric_name(name: str) -> Markup:
    """Return a name as HTML that may be broken behind each of its words."""
    words = escape(name).replace("_", Markup("_<wbr>")).replace(".", Markup(".<wbr>"))
    return Markup("<code>{}</code>").format(words)


def draw_difference(change: MetricChange, reach: float) -> Markup:
    """Draw a difference of at most 1, with its interval, on a line whose middle is 0."""
    difference = change.difference or 0.0
    if abs(difference) > 1:
        return Markup()
    label = f"{change.metric} {difference:+.3f}"
    drawing = difference_bar(difference, change.interval, reach, label)
    return Markup(drawing)  # noqa: S704 - it escapes its label


def _far(change: MetricChange) -> float:
    interval = change.interval
    return max(abs(interval.low), abs(interval.high)) if interval else 0.0
