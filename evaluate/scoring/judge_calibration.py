"""A judge held against people: how often they agree, and the figure without the judge's bias.

Agreement and Cohen's kappa (Cohen 1960) look at yes and no, split at a threshold. The corrected
estimate takes the judge's mean over all samples and adds the mean of what people said minus what
the judge said over the labelled ones: unbiased where the labelled samples were drawn at random.
Source: Angelopoulos et al., Prediction-powered inference (2023).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from evaluate.datasets.loading import existing, explained_lines
from evaluate.datasets.schema import Id, JsonLine, Text
from evaluate.errors import EmptyEvaluationError, InvalidDatasetError
from evaluate.metrics.bootstrap import interval_of, interval_of_mean
from evaluate.metrics.score import Score
from evaluate.scoring.results import Measure, Report

THRESHOLD = 0.5
"""From here on a score or a label counts as a yes."""


class HumanLabel(JsonLine):
    """A person's label: the score that a sample should have. Several people may label one."""

    sample: Id = Field(alias="id")
    metric: Text
    label: float = Field(ge=0, le=1)
    """In [0, 1]; ``true`` is 1 and ``false`` is 0."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A sample that both have judged."""

    judge: float
    person: float
    """Mean of the people's labels."""


def read_labels(file: Path) -> list[HumanLabel]:
    """Read a file of labels, one JSON object a line.

    Raises:
        UnknownDatasetError: the file is missing.
        InvalidDatasetError: a line does not parse; the message names file and line.

    """
    labels = []
    for number, label, problem in explained_lines(existing(file), HumanLabel):
        if label is None:
            raise InvalidDatasetError(f"{file} line {number}: {problem}")
        labels.append(label)
    return labels


def calibrate(
    report: Report, labels: Sequence[HumanLabel], *, threshold: float = THRESHOLD
) -> Report:
    """Return the report with ``_agreement``, ``_kappa``, ``_corrected`` of each labelled metric.

    Raises:
        EmptyEvaluationError: no label is of a sample and a metric that the report has judged.

    """
    figures: dict[str, Measure] = {}
    for metric in dict.fromkeys(label.metric for label in labels):
        people = _people(label for label in labels if label.metric == metric)
        scores = _scores(report, metric)
        if people.keys() & scores.keys():
            figures |= _figures(metric, scores, people, threshold)
    if not figures:
        raise EmptyEvaluationError("No label is of a sample and a metric that this run has judged.")
    pairs_of_run = {(result.id, name) for result in report.results for name in result.scores}
    strange = sum((label.sample, label.metric) not in pairs_of_run for label in labels)
    warnings = (f"{strange} labels are of samples or metrics that the run does not have.",)
    return replace(
        report,
        measures={**report.measures, **figures},
        warnings=(*report.warnings, *(warnings if strange else ())),
    )


def agreement(pairs: Sequence[Pair], threshold: float = THRESHOLD) -> Score:
    """Share of the samples where judge and people say the same, yes or no."""
    same = sum((pair.judge >= threshold) == (pair.person >= threshold) for pair in pairs)
    return Score(same / len(pairs), f"{same} of {len(pairs)} labelled samples")


def kappa(pairs: Sequence[Pair], threshold: float = THRESHOLD) -> Score:
    """Agreement beyond what chance alone would bring; 1 is perfect, 0 is chance."""
    count = len(pairs)
    observed = sum((p.judge >= threshold) == (p.person >= threshold) for p in pairs) / count
    yes_judge = sum(pair.judge >= threshold for pair in pairs) / count
    yes_person = sum(pair.person >= threshold for pair in pairs) / count
    chance = yes_judge * yes_person + (1 - yes_judge) * (1 - yes_person)
    if chance == 1:
        return Score.unjudged("judge and people say the same of every sample: no chance to differ")
    reason = f"yes from the judge {yes_judge:.2f}, from people {yes_person:.2f} of {count}"
    return Score((observed - chance) / (1 - chance), reason)


def corrected_mean(judge: Mapping[str, float], people: Mapping[str, float]) -> Measure:
    """Return the mean that people would give all samples, estimated, with its interval."""
    order = list(judge)

    def estimate(positions: Sequence[int]) -> float | None:
        resample = [order[position] for position in positions]
        gaps = [people[key] - judge[key] for key in resample if key in people]
        if not gaps:
            return None
        sought = sum(judge[key] for key in resample) / len(resample) + sum(gaps) / len(gaps)
        return min(1.0, max(0.0, sought))  # few labels may lead out of what a label can be

    value = estimate(range(len(order)))
    gaps = [people[key] - judge[key] for key in order if key in people]
    if value is None:
        return Measure(Score.unjudged("no labelled sample was judged"))
    bias = -sum(gaps) / len(gaps)
    reason = f"the judge is {bias:+.3f} off over {len(gaps)} labelled of {len(order)}"
    return Measure(Score(value, reason), interval_of(estimate, len(order)))


def _figures(
    metric: str, judge: Mapping[str, float], people: Mapping[str, float], threshold: float
) -> dict[str, Measure]:
    pairs = [Pair(judge[key], people[key]) for key in judge if key in people]
    same = [float((p.judge >= threshold) == (p.person >= threshold)) for p in pairs]

    def value_of_resample(positions: Sequence[int]) -> float | None:
        return kappa([pairs[position] for position in positions], threshold).value

    beyond = kappa(pairs, threshold)
    span = interval_of(value_of_resample, len(pairs)) if beyond.value is not None else None
    return {
        f"{metric}_agreement": Measure(agreement(pairs, threshold), interval_of_mean(same)),
        f"{metric}_kappa": Measure(beyond, span),
        f"{metric}_corrected": corrected_mean(judge, people),
    }


def _people(labels: Iterable[HumanLabel]) -> dict[str, float]:
    labels_by_sample: dict[str, list[float]] = {}
    for label in labels:
        labels_by_sample.setdefault(label.sample, []).append(label.label)
    return {key: sum(values) / len(values) for key, values in labels_by_sample.items()}


def _scores(report: Report, metric: str) -> dict[str, float]:
    pairs = ((result.id, result.scores.get(metric)) for result in report.results)
    return {key: score.value for key, score in pairs if score and score.value is not None}
