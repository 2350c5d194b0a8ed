"""A judge is held against people's labels, by figures that a reference library has too."""

import json
import random

import pytest
from sklearn.metrics import cohen_kappa_score

from evaluate.errors import EmptyEvaluationError, InvalidDatasetError
from evaluate.metrics.score import Score
from evaluate.scoring.judge_calibration import (
    HumanLabel,
    Pair,
    agreement,
    calibrate,
    kappa,
    read_labels,
)
from evaluate.scoring.results import Report, Result
from index.db.tables.base import utc_now


def report_of(scores, metric="faithfulness"):
    results = tuple(
        Result(f"q{n}", "?", {metric: Score(value, "judged")}) for n, value in enumerate(scores)
    )
    return Report(
        "ragas", "town", "f" * 64, metric, {}, results, {}, {}, started_at=utc_now(), seconds=1.0
    )


def labels_of(values, metric="faithfulness"):
    lines = ({"id": f"q{n}", "metric": metric, "label": value} for n, value in values.items())
    return [HumanLabel.model_validate(line) for line in lines]


@pytest.mark.parametrize("seed", range(8))
def test_kappa_and_agreement_equal_scikit_learns(seed):
    draw = random.Random(seed)
    pairs = [Pair(draw.random(), float(draw.random() < 0.6)) for _ in range(40)]
    judge, people = [p.judge >= 0.5 for p in pairs], [p.person >= 0.5 for p in pairs]
    assert kappa(pairs).value == pytest.approx(cohen_kappa_score(judge, people))
    same = sum(a == b for a, b in zip(judge, people, strict=True))
    assert agreement(pairs).value == same / 40


def test_kappa_of_judges_who_always_say_yes_cannot_be_judged():
    assert kappa([Pair(0.9, 1.0), Pair(0.8, 1.0)]).value is None


def test_the_corrected_estimate_takes_a_judges_bias_out():
    """A judge who calls half of the wrong answers right; its interval holds the truth."""
    inside, off = 0, []
    for seed in range(12):
        draw = random.Random(seed)
        truth = [float(draw.random() < 0.6) for _ in range(150)]
        judge = [1.0 if value or draw.random() < 0.5 else 0.0 for value in truth]
        people = {n: truth[n] for n in draw.sample(range(150), 60)}
        calibration = calibrate(report_of(judge), labels_of(people))
        measure = calibration.measures["faithfulness_corrected"]
        right = sum(truth) / 150
        assert sum(judge) / 150 - right > 0.1
        off.append(measure.score.value - right)
        inside += measure.interval.low < right < measure.interval.high
    assert abs(sum(off) / 12) < 0.03
    assert inside >= 10


def test_scores_that_could_not_be_judged_take_no_part():
    calibration = calibrate(report_of([1.0, None, 0.0]), labels_of({0: 1, 1: 0, 2: 0}))
    assert calibration.measures["faithfulness_agreement"].score.value == 1.0
    assert "2 of 2" in calibration.measures["faithfulness_agreement"].score.reason


def test_labels_of_several_people_are_averaged_and_strange_ones_are_told():
    several = [*labels_of({0: 1, 1: 0}), *labels_of({0: 0.5}), *labels_of({9: 1})]
    calibration = calibrate(report_of([0.9, 0.9]), several)
    assert calibration.measures["faithfulness_agreement"].score.value == 0.5
    assert calibration.measures["faithfulness_corrected"].score.value == pytest.approx(0.375)
    assert any("1 labels are of" in warning for warning in calibration.warnings)


def test_labels_that_fit_nothing_are_an_error():
    with pytest.raises(EmptyEvaluationError):
        calibrate(report_of([1.0]), labels_of({7: 1}))


def test_a_file_of_labels_is_read_and_a_bad_line_is_named(tmp_path):
    file = tmp_path / "labels.jsonl"
    good = {"id": "q1", "metric": "faithfulness", "label": True}
    file.write_text(json.dumps(good) + "\n")
    assert read_labels(file)[0].label == 1.0
    file.write_text(json.dumps(good) + "\n" + json.dumps(good | {"label": 7}) + "\n")
    with pytest.raises(InvalidDatasetError, match="line 2"):
        read_labels(file)
