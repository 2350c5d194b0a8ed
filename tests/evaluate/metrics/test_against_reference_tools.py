"""ROUGE-L, calibration and risk equal their reference libraries on random inputs."""

import random

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer
from sklearn.calibration import calibration_curve

from evaluate.metrics import context, curves
from evaluate.metrics.text import rouge_l, similarity
from tests.fakes.embedder import FakeEmbedder

WORDS = "the fog horn of Marrow Point was built in 1931, and it sounds twice; don't"


def sentence(draw):
    return " ".join(draw.choices(WORDS.split(), k=draw.randint(0, 14)))


@pytest.mark.parametrize("seed", range(60))
def test_rouge_l_equals_rouge_score(seed):
    draw = random.Random(seed)
    text, reference = sentence(draw), sentence(draw)
    expected = RougeScorer(["rougeL"]).score(reference, text)["rougeL"].fmeasure
    assert rouge_l(text, [reference]).value == pytest.approx(expected)


def test_rouge_l_takes_the_best_reference_and_needs_one():
    assert rouge_l("rye bread", ["a fog horn", "rye bread"]).value == 1
    assert rouge_l("rye bread", []).value is None


@pytest.mark.parametrize("seed", range(20))
def test_the_reliability_curve_equals_scikit_learn(seed):
    draw = random.Random(seed)
    estimates = [draw.random() * 0.998 + 0.001 for _ in range(200)]
    right = [True, False, *(draw.random() < value for value in estimates[2:])]
    theirs, mean = calibration_curve(right, estimates, n_bins=10)
    bins = curves.reliability(right, estimates)
    assert [each.right for each in bins] == pytest.approx(list(theirs))
    assert [each.confidence for each in bins] == pytest.approx(list(mean))
    gap = sum(each.count * abs(each.right - each.confidence) for each in bins) / len(estimates)
    assert curves.calibration_error(right, estimates).value == pytest.approx(gap)


@pytest.mark.parametrize("seed", range(20))
def test_the_area_under_the_risk_curve_is_the_mean_risk_of_all_prefixes_without_ties(seed):
    draw = random.Random(seed)
    estimates = [draw.random() for _ in range(50)]
    right = [draw.random() < 0.6 for _ in estimates]
    order = np.argsort([-value for value in estimates])
    wrong = np.cumsum([not right[at] for at in order]) / np.arange(1, 51)
    assert curves.area_under_risk(right, estimates).value == pytest.approx(float(wrong.mean()))


def test_context_precision_rewards_gold_passages_that_come_first():
    assert context.context_precision(["a", "b", "c"], ["a"]).value == 1
    assert context.context_precision(["b", "a", "c"], ["a"]).value == 0.5
    assert context.context_precision(["a", "b", "a"], ["a"]).value == pytest.approx(5 / 6)
    assert context.context_precision(["b"], ["a"]).value == 0
    assert context.context_precision([], ["a"]).value is None
    assert context.context_precision(["a"], []).value is None


def test_context_recall_counts_gold_documents_and_what_the_passages_say():
    assert context.context_recall(["a", "b"], ["a", "c"]).value == 0.5
    assert context.answer_in_context(["built in 1931"], ["1931"]).value == 1
    assert context.answer_in_context(["built long ago"], ["1931"]).value == 0
    evidence = [["It was built in 1931.", "It sounds twice."], ["Nobody knows."]]
    assert context.evidence_in_context(["It was built in 1931. So."], evidence).value == 0.5


def test_similarity_is_the_cosine_of_the_nearest_reference():
    embedder = FakeEmbedder()
    assert similarity("rye bread", ["fog horn", "rye bread"], embedder).value == pytest.approx(1)
    assert similarity("", ["rye bread"], embedder).value == 0
    assert similarity("rye", [], embedder).value is None
