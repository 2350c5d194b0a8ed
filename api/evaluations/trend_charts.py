"""Live scores of one's own answers as pictures, a small one for each figure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from api.evaluations.live_scoring import TrendDay, Trends
from evaluate.reports.number_format import figure
from evaluate.reports.svg_charts import trend


@dataclass(frozen=True, slots=True)
class TrendPicture:
    """One figure over time."""

    name: str
    """The score's name, as in the metrics."""
    title: str
    latest: str
    """The last day's mean, in words."""
    svg: str


@dataclass(frozen=True, slots=True)
class TrendPictures:
    """Charts of the live scores, and how many answers they are about."""

    answers: int
    pictures: list[TrendPicture]


@dataclass(frozen=True, slots=True)
class _Figure:
    name: str
    title: str
    up: str
    of: Callable[[TrendDay], float | None]
    tell: Callable[[float], str]
    share: bool = False


def _percent(value: float) -> str:
    return f"{value:.0%}"


_FIGURES = (
    _Figure(
        "groundedness",
        "Sentences that follow from their sources",
        "share of sentences",
        lambda day: day.groundedness,
        _percent,
        share=True,
    ),
    _Figure(
        "abstained",
        "Questions without an answer",
        "share of questions",
        lambda day: day.abstained,
        _percent,
        share=True,
    ),
    _Figure(
        "seconds",
        "Time to an answer",
        "seconds",
        lambda day: day.seconds,
        lambda seconds: f"{seconds:.2g} s",
    ),
    _Figure(
        "cost",
        "Cost of a thousand answers",
        "price",
        lambda day: 1000 * day.cost if day.cost else None,
        figure,
    ),
)


def trend_pictures(trends: Trends) -> TrendPictures:
    """Draw every figure that has a value on some day; a cost of nothing is not drawn."""
    pictures = [_draw(each, trends.days) for each in _FIGURES]
    answers = sum(day.answers for day in trends.days)
    return TrendPictures(answers, [picture for picture in pictures if picture is not None])


def _draw(figure: _Figure, days: Sequence[TrendDay]) -> TrendPicture | None:
    day_values = [(date.fromisoformat(day.day), figure.of(day)) for day in days]
    points = [(day, value) for day, value in day_values if value is not None]
    if not points:
        return None
    top = 1.0 if figure.share else _round_up(max(value for _, value in points))
    latest = f"{figure.tell(points[-1][1])} on {points[-1][0]:%d %B}"
    svg = trend(points, f"{figure.title}: {latest}", figure.up, top=top)
    return TrendPicture(figure.name, figure.title, latest, svg)


def _round_up(value: float) -> float:
    """Return the next of ..., 0.5, 1, 2, 5, 10, ...: the end of an axis that people can read."""
    if value <= 0:
        return 1.0
    step = 10.0 ** math.floor(math.log10(value))
    return float(next(step * each for each in (1, 2, 5, 10) if step * each >= value))
