"""How well a score tells two kinds apart, whatever the threshold.

``labels[i]`` tells whether item i is of the wanted kind, ``scores[i]`` how strongly the system
says so. Equal scores are one step: no order among ties is invented. Definitions are those of
scikit-learn; a test holds them equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from evaluate.metrics.score import Score


@dataclass(frozen=True, slots=True)
class Step:
    """Counts of all items that a threshold at ``score`` accepts."""

    score: float
    positives: int
    accepted: int


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """Answering the most confident share of the questions, and how many of those are wrong."""

    coverage: float
    risk: float


def auroc(labels: Sequence[bool], scores: Sequence[float]) -> Score:
    """Chance that a wanted item scores above an unwanted one, ties counting half."""
    positives, negatives = sum(labels), len(labels) - sum(labels)
    if not positives or not negatives:
        return _one_kind(positives, negatives)
    area, before = 0.0, Step(float("inf"), 0, 0)
    for step in _steps(labels, scores):
        rejected_gain = (step.accepted - step.positives) - (before.accepted - before.positives)
        area += rejected_gain * (step.positives + before.positives) / 2
        before = step
    return Score(area / (positives * negatives), f"{positives} wanted against {negatives} others")


def average_precision(labels: Sequence[bool], scores: Sequence[float]) -> Score:
    """Sum over the thresholds of precision times the gain in recall."""
    positives = sum(labels)
    if not positives:
        return _one_kind(positives, len(labels))
    total, before = 0.0, 0
    for step in _steps(labels, scores):
        total += (step.positives - before) * step.positives / step.accepted
        before = step.positives
    return Score(total / positives, f"{positives} wanted of {len(labels)}")


def best_f1(labels: Sequence[bool], scores: Sequence[float]) -> tuple[Score, float | None]:
    """Return the best F1 that any threshold gives, and that threshold (accept at or above it)."""
    positives = sum(labels)
    if not positives:
        return _one_kind(positives, len(labels)), None
    steps = _steps(labels, scores)
    best = max(steps, key=lambda step: step.positives / (step.accepted + positives))
    value = 2 * best.positives / (best.accepted + positives)
    return Score(value, f"at a threshold of {best.score:.4g}"), best.score


def f1_at(labels: Sequence[bool], accepted: Sequence[bool]) -> tuple[Score, Score, Score]:
    """Return precision, recall and F1 of a decision already made."""
    right = sum(a and b for a, b in zip(labels, accepted, strict=True))
    positives, accepted_count = sum(labels), sum(accepted)
    precision = (
        Score(right / accepted_count, f"{right} of {accepted_count} accepted are wanted")
        if accepted_count
        else Score.unjudged("nothing was accepted")
    )
    if not positives:
        return precision, _one_kind(0, len(labels)), _one_kind(0, len(labels))
    recall = Score(right / positives, f"{right} of {positives} wanted are accepted")
    return precision, recall, Score(2 * right / (positives + accepted_count), precision.reason)


def risk_coverage(correct: Sequence[bool], confidence: Sequence[float]) -> list[RiskPoint]:
    """Return the curve of error against the share answered, most confident first.

    Source: Geifman and El-Yaniv, Selective Classification for Deep Neural Networks (2017).
    """
    return [
        RiskPoint(step.accepted / len(correct), 1 - step.positives / step.accepted)
        for step in _steps(correct, confidence)
    ]


def area_under_risk(correct: Sequence[bool], confidence: Sequence[float]) -> Score:
    """Mean risk over all coverages; 0 is best. Ties share the mean of their group's end."""
    curve = risk_coverage(correct, confidence)
    if not curve:
        return Score.unjudged("no question was asked")
    area, before = 0.0, 0.0
    for point in curve:
        area += (point.coverage - before) * point.risk
        before = point.coverage
    return Score(area, f"over {len(correct)} questions")


@dataclass(frozen=True, slots=True)
class Bin:
    """Items of about the same confidence: their number, mean confidence and share right."""

    count: int
    confidence: float
    right: float


def reliability(correct: Sequence[bool], confidence: Sequence[float], bins: int = 10) -> list[Bin]:
    """Return equally wide bins over [0, 1] that hold something, lowest first."""
    members_by_bin: dict[int, list[tuple[bool, float]]] = {}
    for right, estimate in zip(correct, confidence, strict=True):
        members_by_bin.setdefault(min(int(estimate * bins), bins - 1), []).append((right, estimate))
    return [
        Bin(
            len(items),
            sum(estimate for _, estimate in items) / len(items),
            sum(right for right, _ in items) / len(items),
        )
        for _, items in sorted(members_by_bin.items())
    ]


def calibration_error(correct: Sequence[bool], confidence: Sequence[float]) -> Score:
    """Mean gap between confidence and share right over ten bins (Guo et al. 2017)."""
    if not correct:
        return Score.unjudged("no question was asked")
    filled_bins = reliability(correct, confidence)
    gap = sum(each.count * abs(each.confidence - each.right) for each in filled_bins) / len(correct)
    return Score(gap, f"over {len(filled_bins)} bins of {len(correct)} questions")


def _steps(labels: Sequence[bool], scores: Sequence[float]) -> list[Step]:
    ranking = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    steps, positives, accepted = [], 0, 0
    for score, group in groupby(ranking, key=lambda pair: pair[0]):
        members = [label for _, label in group]
        positives += sum(members)
        accepted += len(members)
        steps.append(Step(score, positives, accepted))
    return steps


def _one_kind(positives: int, negatives: int) -> Score:
    return Score.unjudged(
        f"both kinds are needed; there are {positives} wanted and {negatives} others"
    )
