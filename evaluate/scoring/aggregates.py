"""The figures of a whole run of answers, each computed from its results alone.

So a run is compared, sliced and judged again without asking anything twice.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evaluate.metrics import curves
from evaluate.metrics.score import Score, judged_values
from evaluate.scoring.judging import GROUNDING_METRICS, REFERENCE_METRICS
from evaluate.scoring.results import Curve, Measure, Result, area_measure, average

Aggregate = Callable[[Sequence[Result]], Score]

AVERAGED = (*REFERENCE_METRICS, *GROUNDING_METRICS)
LEAKS = "leaks"
_RIGHT = {"token_f1": 0.5}
"""From where on an answer counts as right; of other metrics, whatever is above 0."""


def _doubt(results: Sequence[Result]) -> tuple[list[bool], list[float]]:
    estimated = [r for r in results if r.facts.get("confidence") is not None]
    return [not r.facts["answerable"] for r in estimated], [
        1 - r.facts["confidence"] for r in estimated
    ]


def _decision(results: Sequence[Result]) -> tuple[list[bool], list[bool]]:
    return [not r.facts["answerable"] for r in results], [r.facts["abstained"] for r in results]


def _right(results: Sequence[Result], headline: str) -> tuple[list[bool], list[float]]:
    """Return which results are right, and how confident each was; unanswerable ones are wrong."""
    estimated = [
        r
        for r in results
        if r.facts.get("confidence") is not None
        and (not r.facts["answerable"] or r.scores[headline].value is not None)
    ]
    least = _RIGHT.get(headline, 0.0)
    values = [r.scores[headline].value or 0.0 for r in estimated]
    right = [value > 0 and value >= least for value in values]
    return right, [r.facts["confidence"] for r in estimated]


def _percentile(results: Sequence[Result], share: int) -> Score:
    times = [r.facts["seconds"] for r in results if r.facts.get("seconds") is not None]
    if not times:
        return Score.unjudged("no time is recorded")
    return Score(1000 * float(np.percentile(times, share)), f"of {len(times)} questions")


def _mean_fact(results: Sequence[Result], name: str) -> Score:
    values = [r.facts[name] for r in results if r.facts.get(name) is not None]
    if not values:
        return Score.unjudged("none is recorded")
    return Score(sum(values) / len(values), f"mean of {len(values)} questions")


def _cost(results: Sequence[Result]) -> Score:
    values = [r.facts["cost"] for r in results if r.facts.get("cost") is not None]
    if not values:
        return Score.unjudged("no model that answered has a price in the list of models")
    reason = f"mean of {len(values)} of {len(results)} questions, {sum(values):.6g} in all"
    return Score(sum(values) / len(values), reason)


def _leaks(results: Sequence[Result]) -> Score:
    scores = [r.scores[LEAKS] for r in results if LEAKS in r.scores]
    if not scores:
        return Score.unjudged("no access list is given")
    basis = f"over {len(scores)} questions"
    leaking = [r for r in results if LEAKS in r.scores and r.scores[LEAKS].value]
    if not leaking:
        return Score(0.0, f"nothing hidden was shown, {basis}")
    first = f"the first: {leaking[0].id}, {leaking[0].scores[LEAKS].reason}"
    return Score(sum(judged_values(scores)), f"{len(leaking)} questions leak, {basis}; {first}")


AGGREGATES: Mapping[str, Aggregate] = {
    "abstention_auroc": lambda r: curves.auroc(*_doubt(r)),
    "abstention_precision": lambda r: curves.f1_at(*_decision(r))[0],
    "abstention_recall": lambda r: curves.f1_at(*_decision(r))[1],
    "abstention_f1": lambda r: curves.f1_at(*_decision(r))[2],
    "abstention_best_f1": lambda r: curves.best_f1(*_doubt(r))[0],
    LEAKS: _leaks,
    "latency_p50_ms": lambda r: _percentile(r, 50),
    "latency_p95_ms": lambda r: _percentile(r, 95),
    "prompt_tokens": lambda r: _mean_fact(r, "prompt_tokens"),
    "completion_tokens": lambda r: _mean_fact(r, "completion_tokens"),
    "cost": _cost,
}
"""Figures that are no mean of the samples' scores."""


def measure_answers(results: Sequence[Result], headline: str) -> dict[str, Measure]:
    """Return every figure of a run of answers."""
    figures = average(results, AVERAGED)
    figures["abstention_auroc"] = area_measure(*_doubt(results))
    for name, aggregate in AGGREGATES.items():
        figures.setdefault(name, Measure(aggregate(results)))
    right, confidence = _right(results, headline)
    figures["risk_area"] = Measure(curves.area_under_risk(right, confidence))
    figures["calibration_error"] = Measure(
        curves.calibration_error(right, confidence)
        if _are_shares(confidence)
        else Score.unjudged("confidence is no share between 0 and 1")
    )
    return figures


def draw_answers(results: Sequence[Result], headline: str) -> tuple[Curve, ...]:
    """Return the curves of a run of answers: risk, reliability, latency."""
    pictures = []
    right, confidence = _right(results, headline)
    if right:
        risk = curves.risk_coverage(right, confidence)
        pictures.append(
            Curve(
                "Share of wrong answers, most confident questions first",
                "share of questions answered",
                "share wrong",
                tuple((point.coverage, point.risk) for point in risk),
            )
        )
    if right and _are_shares(confidence):
        bins = curves.reliability(right, confidence)
        pictures.append(
            Curve(
                "Reliability: are confident answers right?",
                "confidence",
                "share right",
                tuple((each.confidence, each.right) for each in bins),
                diagonal=True,
            )
        )
    times = sorted(r.facts["seconds"] for r in results if r.facts.get("seconds") is not None)
    return (*pictures, *latency_curve([1000 * seconds for seconds in times]))


def _are_shares(confidence: Sequence[float]) -> bool:
    return all(0 <= each <= 1 for each in confidence)


def latency_curve(milliseconds: Sequence[float]) -> tuple[Curve, ...]:
    """Return the share of questions that took at most so long; slowest percent left out."""
    if not milliseconds:
        return ()
    sorted_times = sorted(milliseconds)
    fastest = sorted_times[: max(1, -(-99 * len(sorted_times) // 100))]
    top = fastest[-1] or 1.0
    points = tuple(
        (value / top, rank / len(sorted_times)) for rank, value in enumerate(fastest, start=1)
    )
    return (Curve("Time to an answer", "milliseconds", "share of questions", points, scale=top),)


def slices_of(results: Sequence[Result], headline: str) -> dict[str, dict[str, Measure]]:
    """Average the headline and the right decision to abstain by each tag of the samples."""
    groups: dict[str, list[Result]] = {}
    for result in results:
        for name, value in sorted(result.facts.get("tags", {}).items()):
            groups.setdefault(f"{name}: {value}", []).append(result)
    names = tuple(
        dict.fromkeys((headline, "groundedness", "abstention", *_ranking_metrics(results)))
    )
    return {
        label: average(members, [n for n in names if any(n in r.scores for r in members)])
        for label, members in sorted(groups.items())
        if len(members) < len(results)
    }


def _ranking_metrics(results: Sequence[Result]) -> tuple[str, ...]:
    scores = results[0].scores if results else {}
    return tuple(name for name in ("recall@10", "mrr@10") if name in scores)
