"""The result of an evaluation: figures with their intervals, and every sample's scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from evaluate.metrics.bootstrap import Interval, interval_of, interval_of_mean
from evaluate.metrics.curves import auroc
from evaluate.metrics.score import Score, judged_values, mean

Kind = Literal["retrieval", "answers", "verifier", "guard", "ragas"]


@dataclass(frozen=True, slots=True)
class Result:
    """One sample's scores, and what a reader needs to understand them."""

    id: str
    question: str
    scores: Mapping[str, Score]
    facts: Mapping[str, Any] = field(default_factory=dict)
    """JSON values: the answer, its quotes, the ranking."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the whole data set."""

    score: Score
    interval: Interval | None = None
    """95 % by bootstrap over the samples; none where it makes no sense or too few are judged."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line in the report, such as risk against coverage; both axes in [0, 1]."""

    title: str
    across: str
    up: str
    points: tuple[tuple[float, float], ...]
    scale: float = 1.0
    """The value that 1 on the horizontal axis stands for, such as 250 milliseconds."""
    diagonal: bool = False
    """Whether the line of perfect agreement is drawn beside it."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run of an evaluation, with what is needed to repeat it."""

    kind: Kind
    dataset: str
    fingerprint: str
    """SHA-256 of the data set's files."""
    headline: str
    """The metric by which samples are called good or bad."""
    measures: Mapping[str, Measure]
    results: tuple[Result, ...]
    config: Mapping[str, Any]
    """Models, settings and versions that the figures depend on."""
    counts: Mapping[str, int]
    started_at: datetime
    seconds: float
    curves: tuple[Curve, ...] = ()
    warnings: tuple[str, ...] = ()
    slices: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)
    """A few figures for each group of samples, by ``tag: value``."""

    @property
    def metrics(self) -> dict[str, float | None]:
        """Return the figures by name; none where nothing could be judged."""
        return {name: measure.score.value for name, measure in self.measures.items()}


def average(results: Sequence[Result], names: Sequence[str]) -> dict[str, Measure]:
    """Average each named score over the samples where it could be judged."""
    measures = {}
    for name in names:
        scores = [result.scores[name] for result in results if name in result.scores]
        measures[name] = Measure(mean(scores), interval_of_mean(judged_values(scores)))
    return measures


def area_measure(labels: Sequence[bool], scores: Sequence[float]) -> Measure:
    """Measure how well scores tell the labels apart: AUROC with its interval."""

    def value_of_resample(positions: Sequence[int]) -> float | None:
        return auroc([labels[i] for i in positions], [scores[i] for i in positions]).value

    area = auroc(labels, scores)
    return Measure(
        area, interval_of(value_of_resample, len(labels)) if area.value is not None else None
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """A sample that went badly, and the score that says so."""

    result: Result
    metric: str
    score: Score


def worst(report: Report, count: int) -> list[Fault]:
    """Return the samples that went worst: leaks first, then the lowest scores; none that is whole.

    A sample goes by its headline score, or, where that could not be judged, by whether answering
    or abstaining was right. One of which neither is known is left out.
    """
    faults = [
        (_fault(result, report.headline), position)
        for position, result in enumerate(report.results)
    ]
    ranking = [(_rank(fault), position, fault) for fault, position in faults if fault is not None]
    return [fault for _, _, fault in sorted(ranking, key=lambda item: item[:2])[:count]]


def _fault(result: Result, headline: str) -> Fault | None:
    leaked = result.scores.get("leaks")
    if leaked is not None and leaked.value:
        return Fault(result, "leaks", leaked)
    for metric in (headline, "abstention"):
        score = result.scores.get(metric)
        if score is not None and score.value is not None:
            return Fault(result, metric, score) if score.value < 1 else None
    return None


def _rank(fault: Fault) -> float:
    value = fault.score.value or 0.0
    return -value if fault.metric == "leaks" else value
