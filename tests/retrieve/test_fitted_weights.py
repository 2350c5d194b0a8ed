"""Every fitted weight of retrieval has an output that is written down here.

The figures say nothing about quality. Who fits a weight again measures (docs/quality.md), and then
writes down what these tests print.
"""

import numpy as np
import pytest

from index.search.bm25 import score_slices
from index.segments.row_ranges import readable_slice
from index.segments.segment import IndexedChunk, Segment, tie_of
from index.types import Hit
from retrieve.config import RetrievalConfig
from retrieve.fusion import fuse_ranks, peak
from retrieve.relevance_feedback import move_question
from retrieve.tokenizer_coverage import familiarity
from tests.fakes.embedder import FakeEmbedder

CONFIG = RetrievalConfig()


@pytest.mark.parametrize(
    ("familiarity", "peak", "weight"),
    [(1.0, 0.0, 0.77), (1.0, 1.0, 0.47), (0.0, 0.0, 0.05), (0.5, 0.4, 0.35)],
)
def test_the_weight_of_vectors_in_the_fused_score(familiarity, peak, weight):
    assert CONFIG.dense_weight_of(familiarity, peak) == pytest.approx(weight, abs=1e-9)


def test_the_other_settings_of_the_search():
    assert (CONFIG.candidates, CONFIG.rerank, CONFIG.reach, CONFIG.span) == (300, 30, 1, 800)
    assert (CONFIG.feedback_passages, CONFIG.near_duplicate) == (3, 0.9)


def test_how_far_the_question_moves():
    question = np.array([1, 0], dtype=np.float32)
    passages = np.array([[0, 1], [0.6, 0.8]], dtype=np.float32)
    moved_question = move_question(question, passages, weight=CONFIG.feedback_weight)
    assert moved_question.tolist() == pytest.approx([0.9312432, 0.3643996], abs=1e-6)


@pytest.mark.parametrize(
    ("letters", "tokens", "expected"), [(12, 10, 0.25), (14, 10, 0.75), (16, 10, 1.0), (11, 10, 0)]
)
def test_how_far_a_model_reads_a_question(letters, tokens, expected):
    class Counting(FakeEmbedder):
        def count_tokens(self, _text):
            return tokens

    assert familiarity("a" * letters, Counting()) == pytest.approx(expected, abs=1e-9)


def test_how_far_the_best_chunk_stands_out():
    hits = [Hit(key, 1 - key / 20) for key in range(12)]
    assert peak(hits) == pytest.approx(0.45, abs=1e-9)


def test_reciprocal_ranks():
    fused = fuse_ranks([Hit(1, 0.9), Hit(2, 0.8)], [Hit(2, 5.0)])
    assert fused == pytest.approx({1: 0.5, 2: 61 / 124 + 0.5}, abs=1e-9)


def test_the_scores_of_words():
    texts = (["lamp", "oil", "dusk"], ["lamp"] * 3 + ["fog"] * 9, ["bell", "fog"])
    vector = np.zeros(8, dtype="<f2").tobytes()
    chunks = [
        IndexedChunk(key, key, 1, tie_of(f"{key:064x}", "name"), 0, vector, terms)
        for key, terms in enumerate(texts)
    ]
    segment = Segment.build(chunks, 8)
    part = readable_slice(segment, np.ones(segment.rows, dtype=bool), np.array([1]))
    ((rows, scores),) = score_slices([part], ["lamp", "fog", "oil"], 3, rarity=CONFIG.rarity)
    by_key = dict(zip(segment.chunk_key[rows].tolist(), scores.tolist(), strict=True))
    assert by_key == pytest.approx({0: 0.8881651, 1: 0.586411, 2: 0.2405261}, abs=1e-6)
