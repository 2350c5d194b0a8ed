"""Every nominator keeps one contract: the exact best is among its rows, and no row is hidden.

``half`` and ``shallow`` are the code that searches on a GPU, rehearsed with a GPU's precision and
depth on the CPU.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search.dense import SPLIT, CodeScan
from index.search.faiss_gpu_scan import DEEPEST
from index.search.faiss_scan import LONG_RUN, BruteScan, CpuDevice, FaissScan, live_rows
from index.search.isolation_check import prove_wall
from index.search.search import search_dense
from index.segments.row_ranges import readable_slice
from tests.fakes.segments import segment_of, unit

NOMINATORS = {
    "codes": CodeScan,
    "one-thread": lambda: CodeScan(threads=1),
    "faiss": FaissScan,
    "half": lambda: BruteScan("half", CpuDevice(half=True), DEEPEST),
    "shallow": lambda: BruteScan("shallow", CpuDevice(half=True), 30),
}


@pytest.fixture(scope="module", params=NOMINATORS)
def nominator(request):
    return NOMINATORS[request.param]()


@pytest.fixture(scope="module")
def segment():
    rng = np.random.default_rng(5)
    classes = np.sort(np.r_[np.zeros(LONG_RUN + 500, int), rng.integers(1, 9, 2500)]).tolist()
    return segment_of(unit(rng.normal(size=(len(classes), 32))), classes)


def exact_scores(segment, query):
    return segment.vectors.astype(np.float64) @ query.astype(np.float64)


def best_rows(segment, rows, query, limit):
    scores = exact_scores(segment, query)
    return rows[np.argsort(-scores[rows], kind="stable")[:limit]]


def test_no_planted_row_comes_through(nominator):
    prove_wall(nominator)


@pytest.mark.parametrize("classes", [[0], [3], [0, 2, 3, 7], [1, 4], list(range(9))])
def test_the_nominated_rows_hold_the_exact_best_and_only_live_readable_rows(
    segment, nominator, classes
):
    alive = np.random.default_rng(1).random(segment.rows) > 0.0005
    readable = readable_slice(segment, alive, np.array(classes))
    rows = live_rows(readable)
    for query in unit(np.random.default_rng(6).normal(size=(5, 32))):
        nominated = nominator.nominate(readable, query, 25)
        assert set(best_rows(segment, rows, query, 25)) <= set(nominated) <= set(rows)


def test_a_slice_with_fewer_rows_than_the_limit_is_nominated_whole(segment, nominator):
    alive = np.ones(segment.rows, dtype=bool)
    readable = readable_slice(segment, alive, np.array([3]))
    rows = live_rows(readable)
    query = unit(np.ones((1, 32)))[0]
    assert set(nominator.nominate(readable, query, len(rows) + 5)) == set(rows)


def test_nothing_readable_nominates_nothing(segment, nominator):
    alive = np.ones(segment.rows, dtype=bool)
    readable = readable_slice(segment, alive, np.array([99]))
    assert len(nominator.nominate(readable, unit(np.ones((1, 32)))[0], 5)) == 0


def test_a_class_of_dead_rows_nominates_nothing(segment, nominator):
    readable = readable_slice(segment, np.zeros(segment.rows, dtype=bool), np.array([0, 3]))
    assert len(nominator.nominate(readable, unit(np.ones((1, 32)))[0], 5)) == 0


def test_equal_rows_at_the_cut_are_all_nominated(nominator):
    query = unit(np.ones((1, 16)))[0]
    segment = segment_of(np.repeat(query[None], 3000, axis=0), [0] * 3000)
    readable = readable_slice(segment, np.ones(3000, dtype=bool), np.array([0]))
    assert len(nominator.nominate(readable, query, 10)) == 3000


def test_published_scores_are_the_same_bits_whoever_nominates(segment, nominator):
    readable = readable_slice(segment, np.ones(segment.rows, dtype=bool), np.array([0, 2, 5]))
    for query in unit(np.random.default_rng(4).normal(size=(5, 32))):
        hits = search_dense([readable], query, 20, nominator)
        assert hits == search_dense([readable], query, 20, CodeScan(threads=1))
        rows = best_rows(segment, live_rows(readable), query, 20)
        assert [hit.chunk for hit in hits] == rows.tolist()


def test_a_slice_that_two_threads_share_has_the_same_best(nominator):
    rng = np.random.default_rng(7)
    segment = segment_of(unit(rng.normal(size=(SPLIT + 10, 8))), [0, 1] * (SPLIT // 2 + 5))
    readable = readable_slice(segment, np.ones(segment.rows, dtype=bool), np.array([0, 1]))
    query = unit(rng.normal(size=(1, 8)))[0]
    rows = live_rows(readable)
    assert set(best_rows(segment, rows, query, 10)) <= set(nominator.nominate(readable, query, 10))


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 200),
    limit=st.integers(1, 30),
    steps=st.integers(1, 8),
    readable_classes=st.sets(st.integers(0, 4)),
)
def test_any_small_segment_with_many_ties_agrees_with_a_scan(
    nominator, seed, rows, limit, steps, readable_classes
):
    rng = np.random.default_rng(seed)
    vectors = unit(rng.integers(-steps, steps, size=(rows, 8)) + 0.5)
    segment = segment_of(vectors, np.sort(rng.integers(0, 5, rows)).tolist())
    alive = rng.random(rows) > 0.2
    readable = readable_slice(segment, alive, np.array(sorted(readable_classes), dtype=np.int64))
    query = vectors[rng.integers(rows)]
    expected = live_rows(readable)
    if len(expected) > limit:
        scores = exact_scores(segment, query)
        lowest_score = np.sort(scores[expected])[-limit]
        expected = expected[scores[expected] >= lowest_score]
    nominated = nominator.nominate(readable, query, limit)
    assert set(expected) <= set(nominated) <= set(live_rows(readable))
