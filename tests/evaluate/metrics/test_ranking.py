"""The ranking metrics equal ir_measures (pytrec_eval) on random input."""

import random

import ir_measures
import pytest
from ir_measures import AP, RR, P, R, Success, nDCG

from evaluate.metrics import ranking as ours

CASES = [
    (nDCG @ 10, ours.ndcg, 10),
    (nDCG @ 3, ours.ndcg, 3),
    (R @ 100, ours.recall, 100),
    (R @ 5, ours.recall, 5),
    (P @ 10, ours.precision, 10),
    (Success @ 3, ours.hit_rate, 3),
    (RR, ours.reciprocal_rank, 1000),
    (AP @ 100, ours.average_precision, 100),
]


def random_run(seed):
    """One query's judgements and scores, with graded judgements and tied scores."""
    draw = random.Random(seed)
    documents = [f"d{i:03}" for i in range(draw.randint(1, 120))]
    relevant = draw.sample(documents, draw.randint(1, len(documents)))
    judgements = {document: draw.choice([0, 0, 1, 2, 3]) for document in relevant}
    judgements["never-found"] = draw.choice([0, 1, 2])
    ranking = draw.sample(documents, draw.randint(1, len(documents)))
    return judgements, {
        document: draw.choice([0.1, 0.2, 0.5, draw.random()]) for document in ranking
    }


def ranking_of(scores):
    """Order as trec_eval does: score, then id, both falling."""
    return sorted(scores, key=lambda document: (scores[document], document), reverse=True)


@pytest.mark.parametrize(("theirs", "mine", "k"), CASES, ids=[str(case[0]) for case in CASES])
def test_each_metric_equals_the_reference_on_random_rankings(theirs, mine, k):
    runs = {f"q{seed}": random_run(seed) for seed in range(60)}
    expected = {
        value.query_id: value.value
        for value in ir_measures.iter_calc(
            [theirs], {q: run[0] for q, run in runs.items()}, {q: run[1] for q, run in runs.items()}
        )
    }
    for query, (judgements, scores) in runs.items():
        score = mine(ranking_of(scores), judgements, k)
        if score.value is None:
            assert max(judgements.values()) == 0
        else:
            assert score.value == pytest.approx(expected[query], abs=1e-9)


def test_a_query_without_relevant_documents_is_not_judged_rather_than_zero():
    for _, metric, k in CASES:
        score = metric(["a"], {"a": 0}, k)
        assert score.value is None
        assert "no document is judged relevant" in score.reason


def test_an_empty_ranking_scores_zero():
    for _, metric, k in CASES:
        assert metric([], {"a": 1}, k).value == 0


def test_a_negative_grade_gains_nothing():
    assert ours.ndcg(["spam", "good"], {"spam": -2, "good": 1}, 10).value == pytest.approx(
        0.63093, abs=1e-5
    )


def test_a_relevant_document_beyond_the_cut_gives_no_reciprocal_rank():
    assert ours.reciprocal_rank(["a", "b", "c"], {"c": 1}, 2).value == 0
    assert ours.reciprocal_rank(["a", "b", "c"], {"c": 1}, 3).value == pytest.approx(1 / 3)
