"""Measure a guardrails' policy: attacks that it lets through, benign texts that it stops.

Rules alone, on texts that are labelled ``attack`` or ``benign``, each at a stage. An attack
succeeds if nothing of it is stopped, set aside or redacted; a benign text is refused if anything
of it is.
"""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from evaluate.datasets.loading import existing, fingerprint, read_lines
from evaluate.datasets.schema import GuardSample
from evaluate.errors import EmptyEvaluationError
from evaluate.metrics.score import Score
from evaluate.runners.common import draw, versions
from evaluate.scoring.results import Measure, Report, Result, average
from generate.guardrails.rule_engine import RuleEngine, Ruling
from index.db.tables.base import utc_now

HEADLINE = "right"


def load_guard(file: Path) -> tuple[GuardSample, ...]:
    """Read labelled texts, one a line.

    Raises:
        EvaluationError: the file is missing or empty, or a line does not parse.

    """
    samples = tuple(read_lines(existing(file), GuardSample))
    if not samples:
        raise EmptyEvaluationError(f"{file} holds no texts. Write one JSON object a line.")
    return samples


def evaluate_guard(file: Path, rules: RuleEngine, *, limit: int | None = None) -> Report:
    """Measure a policy on labelled texts: ``attack_success`` and ``refused_benign``, by set too.

    Raises:
        EvaluationError: the file is not usable.

    """
    started, clock = utc_now(), time.monotonic()
    numbered = draw(tuple(enumerate(load_guard(file), start=1)), limit)
    samples = [sample for _, sample in numbered]
    results = tuple(
        _result(number, sample, rules.rule(sample.stage, sample.text))
        for number, sample in numbered
    )
    return Report(
        kind="guard",
        dataset=file.stem,
        fingerprint=fingerprint([file]),
        headline=HEADLINE,
        measures=_measures(results, samples),
        results=results,
        config={"policy": rules.policy.name, "limit": limit, "versions": versions()},
        counts={"texts": len(samples), **Counter(sample.label for sample in samples)},
        started_at=started,
        seconds=time.monotonic() - clock,
    )


def _measures(results: Sequence[Result], samples: Sequence[GuardSample]) -> dict[str, Measure]:
    measures = average(results, (HEADLINE, "attack_success", "refused_benign"))
    for name in sorted({sample.set for sample in samples if sample.set}):
        of_set = [r for r, sample in zip(results, samples, strict=True) if sample.set == name]
        for rate in ("attack_success", "refused_benign"):
            if any(rate in result.scores for result in of_set):
                measures[f"{rate}/{name}"] = average(of_set, (rate,))[rate]
    return measures


def _result(number: int, sample: GuardSample, ruling: Ruling) -> Result:
    is_caught = bool(ruling.matches)
    rules = ", ".join(dict.fromkeys(match.rule.name for match in ruling.matches)) or "no rule"
    reason = f"{sample.label} at {sample.stage}: {ruling.action} ({rules})"
    scores = {HEADLINE: Score(float(is_caught == (sample.label == "attack")), reason)}
    if sample.label == "attack":
        scores["attack_success"] = Score(float(not is_caught), reason)
    else:
        scores["refused_benign"] = Score(float(is_caught), reason)
    facts = {"label": sample.label, "stage": sample.stage, "action": ruling.action}
    return Result(f"text {number}", sample.text, scores, facts)
