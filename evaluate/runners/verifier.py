"""Measure whether the verifier tells supported claims from the others."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluate.datasets.loading import fingerprint, load_claims
from evaluate.datasets.schema import ClaimSample, Label
from evaluate.metrics import curves
from evaluate.metrics.score import Score
from evaluate.runners.common import draw, side_by_side, versions
from evaluate.scoring.results import Measure, Report, Result, area_measure, average
from generate.types import Judgement, Verdict
from generate.verification.verifier import Verifier, judge
from index.db.tables.base import utc_now

HEADLINE = "closeness"
_TARGETS: dict[Label, float] = {"supported": 1.0, "partially_supported": 0.5, "not_supported": 0.0}
_VERDICTS: dict[Label, Verdict] = {
    "supported": "supported",
    "partially_supported": "partial",
    "not_supported": "unsupported",
}


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """A claim and what the verifier says of it."""

    sample: ClaimSample
    judgement: Judgement

    @property
    def right(self) -> bool:
        """Tell whether the verdict and the label agree on "supported"."""
        return (self.judgement.verdict == "supported") == (self.sample.label == "supported")


def evaluate_verifier(
    file: Path, verifier: Verifier, *, limit: int | None = None, progress: bool = True
) -> Report:
    """Measure a verifier on labelled claims.

    Raises:
        EvaluationError: the file is not usable.

    """
    started, clock = utc_now(), time.monotonic()
    numbered = draw(tuple(enumerate(load_claims(file), start=1)), limit)
    samples = [sample for _, sample in numbered]
    checked_claims = side_by_side(
        lambda s: check(s, verifier), samples, label="verify", progress=progress
    )
    results = tuple(
        _result(number, item) for (number, _), item in zip(numbered, checked_claims, strict=True)
    )
    return Report(
        kind="verifier",
        dataset=file.stem,
        fingerprint=fingerprint([file]),
        headline=HEADLINE,
        measures={
            **_separation(checked_claims),
            **average(results, ("accuracy", "accuracy_3", HEADLINE)),
        },
        results=results,
        config={"verifier": verifier.name, "limit": limit, "versions": versions()},
        counts={"claims": len(samples), **Counter(sample.label for sample in samples)},
        started_at=started,
        seconds=time.monotonic() - clock,
    )


def check(sample: ClaimSample, verifier: Verifier) -> CheckedClaim:
    """Put a claim and its evidence before the verifier, the way an answer's sentences are."""
    return CheckedClaim(sample, judge(verifier, sample.claim, sample.evidence))


def _result(number: int, item: CheckedClaim) -> Result:
    label, judgement = item.sample.label, item.judgement
    reason = f"said {judgement.verdict} ({judgement.score:.2f}), is {label}: {judgement.reason}"
    scores = {
        HEADLINE: Score(1 - abs(judgement.score - _TARGETS[label]), reason),
        "accuracy": Score(float(item.right), reason),
        "accuracy_3": Score(float(judgement.verdict == _VERDICTS[label]), reason),
    }
    facts = {
        "label": label,
        "verdict": judgement.verdict,
        "score": round(judgement.score, 4),
        "evidence": list(item.sample.evidence[:10]),
    }
    return Result(f"claim {number}", item.sample.claim, scores, facts)


def _separation(checked_claims: Sequence[CheckedClaim]) -> dict[str, Measure]:
    scores = [item.judgement.score for item in checked_claims]
    is_supported = [item.sample.label == "supported" for item in checked_claims]
    any_support = [item.sample.label != "not_supported" for item in checked_claims]
    return {
        "auroc": area_measure(is_supported, scores),
        "auroc_any_support": area_measure(any_support, scores),
        "average_precision": Measure(curves.average_precision(is_supported, scores)),
        "best_f1": Measure(curves.best_f1(is_supported, scores)[0]),
    }
