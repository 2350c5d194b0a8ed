"""The threshold-free measures equal scikit-learn's."""

import random

import pytest
from sklearn import metrics as reference

from evaluate.metrics import curves


def random_case(seed):
    draw = random.Random(seed)
    labels = [True, False, *(draw.random() < 0.4 for _ in range(draw.randint(1, 80)))]
    return labels, [round(draw.random(), draw.choice([1, 6])) for _ in labels]


@pytest.mark.parametrize("seed", range(40))
def test_auroc_and_average_precision_equal_scikit_learn_with_ties(seed):
    labels, scores = random_case(seed)
    assert curves.auroc(labels, scores).value == pytest.approx(
        reference.roc_auc_score(labels, scores)
    )
    assert curves.average_precision(labels, scores).value == pytest.approx(
        reference.average_precision_score(labels, scores)
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_best_f1_is_the_highest_of_all_thresholds(seed):
    labels, scores = random_case(seed)
    score, threshold = curves.best_f1(labels, scores)
    accepted = {t: [s >= t for s in scores] for t in set(scores)}
    assert score.value == pytest.approx(
        max(reference.f1_score(labels, decisions) for decisions in accepted.values())
    )
    assert score.value == pytest.approx(reference.f1_score(labels, accepted[threshold]))


@pytest.mark.parametrize("seed", range(20))
def test_precision_recall_and_f1_of_a_decision_equal_scikit_learn(seed):
    labels, scores = random_case(seed)
    decisions = [True, *(score > 0.5 for score in scores[1:])]
    expected = reference.precision_recall_fscore_support(labels, decisions, average="binary")[:3]
    assert [score.value for score in curves.f1_at(labels, decisions)] == pytest.approx(
        list(expected)
    )


def test_one_kind_alone_cannot_be_judged():
    assert curves.auroc([True, True], [0.1, 0.2]).value is None
    assert curves.average_precision([False], [0.1]).value is None
    assert curves.best_f1([False], [0.1])[0].value is None
    assert curves.auroc([], []).value is None


def test_accepting_nothing_leaves_precision_unjudged_and_recall_zero():
    precision, recall, f1 = curves.f1_at([True, False], [False, False])
    assert precision.value is None
    assert (recall.value, f1.value) == (0, 0)


def test_the_risk_curve_grows_in_coverage_and_ends_at_the_overall_error():
    curve = curves.risk_coverage([True, True, False, True], [0.9, 0.8, 0.8, 0.1])
    assert [point.coverage for point in curve] == [0.25, 0.75, 1.0]
    assert [point.risk for point in curve] == pytest.approx([0, 1 / 3, 0.25])


def test_a_confident_and_right_system_has_less_area_under_risk():
    correct = [True, True, False, False]
    good = curves.area_under_risk(correct, [4, 3, 2, 1]).value
    bad = curves.area_under_risk(correct, [1, 2, 3, 4]).value
    assert good < bad
