"""The question moves towards what it found."""

import numpy as np
import pytest

from retrieve.relevance_feedback import move_question


def test_the_question_moves_towards_the_mean_of_the_passages():
    question = np.array([1, 0, 0], dtype=np.float32)
    passages = np.array([[0, 1, 0], [0, 0, 1]], dtype=np.float32)
    moved_question = move_question(question, passages, weight=0.5)
    expected = np.array([1, 0.25, 0.25])
    assert moved_question == pytest.approx(expected / np.linalg.norm(expected))
    assert moved_question.dtype == np.float32


def test_the_result_has_unit_length():
    random = np.random.default_rng(0)
    rows = random.normal(size=(4, 64)).astype(np.float32)
    moved_question = move_question(rows[0], rows[1:], weight=0.4)
    assert float(np.linalg.norm(moved_question)) == pytest.approx(1.0, abs=1e-6)


def test_a_passage_that_cancels_the_question_leaves_it_where_it_was():
    question = np.array([1, 0], dtype=np.float32)
    assert move_question(question, -question[None, :], weight=1.0) is question


def test_a_weight_of_zero_changes_nothing():
    question = np.array([0.6, 0.8], dtype=np.float32)
    moved_question = move_question(question, np.array([[1, 0]], dtype=np.float32), weight=0.0)
    assert moved_question == pytest.approx(question)
