"""Two runs on the same questions: what is better, what is worse, and what may be chance.

Differences are paired by question and their interval is a bootstrap over questions. Source: Sakai,
Evaluating Information Retrieval Metrics Based on Bootstrap Hypothesis Tests (2006).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluate.metrics.bootstrap import Interval, interval_of, interval_of_mean
from evaluate.scoring.aggregates import AGGREGATES
from evaluate.scoring.results import Report, Result

_LOWER_IS_BETTER = (
    "latency_",
    "leaks",
    "risk_area",
    "calibration_error",
    "prompt_tokens",
    "noise_sensitivity",
    "cost",
    "judge_",
)
_RESAMPLES = 400
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class MetricChange:
    """How one figure differs from the baseline's."""

    metric: str
    before: float | None
    after: float | None
    difference: float | None
    """Over the questions that both runs could judge; none where there is no such question."""
    interval: Interval | None = None
    """95 % of the difference by paired bootstrap."""
    won: int = 0
    lost: int = 0
    tied: int = 0

    @property
    def sign(self) -> int:
        """Return 1 where a larger figure is better, else -1."""
        return -1 if self.metric.startswith(_LOWER_IS_BETTER) else 1

    @property
    def significant(self) -> bool:
        """Tell whether the interval leaves 0 out."""
        return self.interval is not None and (self.interval.low > 0 or self.interval.high < 0)

    @property
    def worse(self) -> bool:
        """Tell whether the figure is significantly worse."""
        return self.significant and self.sign * (self.difference or 0.0) < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside its baseline."""

    changes: Mapping[str, MetricChange]
    headline: str
    shared_questions: int
    """Questions that both runs have."""
    settings: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """The settings that differ, by their path in the configuration: before and after."""
    same_data: bool = True
    movers: Sequence[tuple[Result, Result]] = ()
    """Questions whose headline changed, the largest fall first: before and after."""


def compare(report: Report, baseline: Report) -> Comparison:
    """Compare a run with its baseline, metric by metric and question by question."""
    before = {result.id: result for result in baseline.results}
    pairs = [(before[result.id], result) for result in report.results if result.id in before]
    names = [name for name in report.measures if name in baseline.measures]
    changes = {name: _change(name, report, baseline, pairs) for name in names}
    return Comparison(
        changes=changes,
        headline=report.headline,
        shared_questions=len(pairs),
        settings=_settings(baseline.config, report.config),
        same_data=report.fingerprint == baseline.fingerprint,
        movers=_movers(report.headline, pairs),
    )


def _change(
    name: str, report: Report, baseline: Report, pairs: Sequence[tuple[Result, Result]]
) -> MetricChange:
    before, after = baseline.metrics[name], report.metrics[name]
    if name in AGGREGATES:
        return _aggregate_change(name, before, after, pairs)
    both = [
        (old.scores[name].value, new.scores[name].value)
        for old, new in pairs
        if name in old.scores and name in new.scores
    ]
    steps = [new - old for old, new in both if old is not None and new is not None]
    if not steps:
        plain = None if before is None or after is None else after - before
        return MetricChange(name, before, after, plain)
    return MetricChange(
        name,
        before,
        after,
        sum(steps) / len(steps),
        interval_of_mean(steps),
        won=sum(step > _NEAR for step in steps),
        lost=sum(step < -_NEAR for step in steps),
        tied=sum(abs(step) <= _NEAR for step in steps),
    )


def _aggregate_change(
    name: str, before: float | None, after: float | None, pairs: Sequence[tuple[Result, Result]]
) -> MetricChange:
    aggregate = AGGREGATES[name]

    def difference(positions: Sequence[int]) -> float | None:
        old = aggregate([pairs[i][0] for i in positions]).value
        new = aggregate([pairs[i][1] for i in positions]).value
        return None if old is None or new is None else new - old

    whole = difference(range(len(pairs))) if pairs else None
    if whole is None:
        return MetricChange(name, before, after, None)
    interval = interval_of(difference, len(pairs), resamples=_RESAMPLES)
    return MetricChange(name, before, after, whole, interval)


def _movers(name: str, pairs: Sequence[tuple[Result, Result]]) -> list[tuple[Result, Result]]:
    steps = [(step_of(old, new, name), position) for position, (old, new) in enumerate(pairs)]
    return [pairs[position] for step, position in sorted(steps) if abs(step) > _NEAR]


def step_of(before: Result, after: Result, name: str) -> float:
    """Return by how much one question's score has changed; 0 where one could not be judged."""
    old, new = before.scores.get(name), after.scores.get(name)
    if old is None or new is None or old.value is None or new.value is None:
        return 0.0
    return new.value - old.value


def _settings(before: Any, after: Any, at: str = "") -> dict[str, tuple[Any, Any]]:
    """Return every place in two configurations where they differ."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        differences: dict[str, tuple[Any, Any]] = {}
        for key in dict.fromkeys((*before, *after)):
            path = f"{at}.{key}" if at else str(key)
            differences |= _settings(before.get(key), after.get(key), path)
        return differences
    return {} if _plain(before) == _plain(after) else {at: (before, after)}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
