"""Two rankings to one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Hit
from retrieve.fusion import CROWD, fuse, fuse_ranks, peak


def hits(**scores):
    hits = [Hit(int(key[1:]), score) for key, score in scores.items()]
    return sorted(hits, key=lambda hit: -hit.score)


def test_the_best_chunk_of_both_legs_scores_one():
    fused = fuse(hits(c1=0.8, c2=0.4), hits(c1=12.0, c2=3.0), dense_weight=0.6, candidates=10)
    assert fused[1] == pytest.approx(1.0)
    assert fused[2] == pytest.approx(0.6 * 0.5 + 0.4 * 0.25)


def test_a_complete_list_gives_nothing_to_what_it_lacks():
    fused = fuse(hits(c1=0.8, c2=0.4), hits(c1=12.0), dense_weight=0.6, candidates=10)
    assert fused[2] == pytest.approx(0.3)


def test_a_list_that_was_cut_gives_its_last_score_to_what_it_lacks():
    fused = fuse(hits(c1=0.8, c2=0.4), hits(c3=12.0, c4=6.0), dense_weight=0.6, candidates=2)
    assert fused[1] == pytest.approx(0.6 * 1.0 + 0.4 * 0.5)
    assert fused[3] == pytest.approx(0.6 * 0.5 + 0.4 * 1.0)


def test_a_chunk_that_points_away_from_the_question_counts_as_nothing_in_common():
    fused = fuse(hits(c1=0.5, c2=-0.9), [], dense_weight=0.6, candidates=10)
    assert fused == {1: pytest.approx(0.6), 2: 0.0}


@pytest.mark.parametrize("dense", [[], [Hit(1, 0.0)], [Hit(1, -0.5)]])
def test_a_leg_that_found_nothing_leaves_the_other_leg_alone(dense):
    fused = fuse(dense, hits(c2=3.0, c3=1.5), dense_weight=0.6, candidates=10)
    assert fused[2] == pytest.approx(0.4)
    assert fused[3] == pytest.approx(0.2)
    assert fused.get(1, 0.0) == 0.0


def test_nothing_found_fuses_to_nothing():
    assert fuse([], [], dense_weight=0.6, candidates=10) == {}


legs = st.dictionaries(st.integers(0, 30), st.floats(-1, 30), max_size=20).map(
    lambda scores: sorted((Hit(k, s) for k, s in scores.items()), key=lambda h: -h.score)
)


@given(legs, legs, st.floats(0, 1), st.integers(1, 25))
def test_every_score_is_between_zero_and_one_and_every_chunk_has_one(
    dense, lexical, weight, candidates
):
    fused = fuse(
        dense[:candidates], lexical[:candidates], dense_weight=weight, candidates=candidates
    )
    assert set(fused) == {hit.chunk for hit in [*dense[:candidates], *lexical[:candidates]]}
    assert all(0.0 <= score <= 1.0 + 1e-12 for score in fused.values())


def test_a_leg_of_equal_scores_has_no_peak_and_one_that_falls_to_half_by_the_tenth_has_half():
    level = [Hit(key, 3.0) for key in range(CROWD + 5)]
    assert peak(level) == 0.0
    assert peak([Hit(99, 6.0), *level]) == pytest.approx(0.5)


@pytest.mark.parametrize("count", [CROWD, CROWD + 1, CROWD + 2])
def test_the_best_is_compared_with_the_tenth_and_no_other(count):
    falling = [Hit(number, 20.0 - number) for number in range(count)]
    assert peak(falling) == pytest.approx(1 - 11 / 20)


def test_what_few_chunks_have_in_common_with_a_question_stands_out():
    assert peak([]) == peak([Hit(1, 2.0)] * (CROWD - 1)) == 1.0


def test_reciprocal_ranks_reward_agreement():
    fused = fuse_ranks(hits(c1=0.9, c2=0.8), hits(c2=9.0, c3=8.0))
    assert fused[2] == pytest.approx(0.5 * 61 / 62 + 0.5)
    assert fused[2] > fused[1] > fused[3]


def test_reciprocal_ranks_give_equal_scores_equal_ranks():
    fused = fuse_ranks(hits(c1=0.9, c2=0.9, c3=0.1), [])
    assert fused[1] == fused[2] == 0.5
    assert fused[3] == pytest.approx(0.5 * 61 / 63)
