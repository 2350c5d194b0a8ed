"""FAISS by brute force: the code that holds the index on a GPU, rehearsed on the CPU."""

import weakref

import faiss
import numpy as np
import pytest

from index.errors import NoGpuError, WallBreachError
from index.search.dense import CodeScan
from index.search.faiss_gpu_scan import DEEPEST, GpuScan
from index.search.faiss_scan import (
    LONG_RUN,
    BruteScan,
    CpuDevice,
    FaissScan,
    live_rows,
    runs,
    sum_error,
)
from index.search.isolation_check import prove_wall
from index.segments.row_ranges import readable_slice
from tests.fakes.segments import segment_of, unit


def half_scan(deepest=DEEPEST):
    """Rehearse a GPU's precision and depth on the CPU."""
    return BruteScan("half", CpuDevice(half=True), deepest)


class LeakingScan:
    """Searches everything and forgets the ranges, like a library that ignores its selector."""

    name = "leaking"

    def nominate(self, part, query, limit):
        return np.argsort(-(part.segment.vectors.astype(np.float32) @ query))[:limit]


class HalfBlindScan:
    """Sees only the first range."""

    name = "half blind"

    def nominate(self, part, query, limit):
        return np.arange(part.starts[0], part.ends[0])[:limit] if len(part.starts) else part.starts


class GraveScan(CodeScan):
    """Returns rows of deleted documents too."""

    name = "grave"

    def nominate(self, part, query, limit):
        return np.concatenate(
            [np.arange(a, b) for a, b in zip(part.starts, part.ends, strict=True)]
            or [np.empty(0, dtype=np.int64)]
        )


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(5)
    classes = np.sort(np.r_[np.zeros(LONG_RUN + 500, int), rng.integers(1, 9, 2500)]).tolist()
    return segment_of(unit(rng.normal(size=(len(classes), 32))), classes)


@pytest.mark.parametrize("bad", [LeakingScan, HalfBlindScan, GraveScan])
def test_a_nominator_that_leaks_or_misses_is_refused(bad):
    with pytest.raises(WallBreachError):
        prove_wall(bad())


def test_queries_of_several_scopes_are_searched_together_and_kept_apart(planted):
    alive = np.ones(planted.rows, dtype=bool)
    scopes = [[0], [0, 5], [5], [0], [99]]
    queries = unit(np.random.default_rng(8).normal(size=(len(scopes), 32)))
    asks = [
        (readable_slice(planted, alive, np.array(classes)), query)
        for classes, query in zip(scopes, queries, strict=True)
    ]
    together = half_scan().nominate_all(asks, 10)
    for (part, query), rows in zip(asks, together, strict=True):
        rows_by_itself = half_scan().nominate(part, query, 10)
        exact = planted.vectors.astype(np.float64) @ query.astype(np.float64)
        best = sorted(live_rows(part), key=lambda row: -exact[row])[:10]
        assert set(best) <= set(rows) <= set(live_rows(part))
        assert set(best) <= set(rows_by_itself)


def test_a_matrix_is_let_go_with_its_segment(planted):
    del planted
    scan = FaissScan()
    segment = segment_of(unit(np.random.default_rng(2).normal(size=(50, 8))), [0] * 50)
    part = readable_slice(segment, np.ones(50, dtype=bool), np.array([0]))
    scan.nominate(part, unit(np.ones((1, 8)))[0], 3)
    reference = weakref.ref(segment)
    assert len(scan._matrices) == 1
    del segment, part
    assert reference() is None
    assert scan._matrices == {}


def test_the_error_bound_covers_half_precision():
    rng = np.random.default_rng(9)
    vectors = unit(rng.normal(size=(2000, 384))).astype(np.float16)
    queries = unit(rng.normal(size=(20, 384)))
    half_queries = queries.astype(np.float16)
    rough = half_queries.astype(np.float32) @ vectors.astype(np.float32).T
    exact = queries.astype(np.float64) @ vectors.astype(np.float64).T
    assert (np.abs(rough - exact) <= sum_error(queries, half_queries)[:, None]).all()
    assert sum_error(queries, half_queries).max() < 1e-3


def test_runs_are_cut_where_rows_are_missing():
    starts, ends = runs(np.array([2, 3, 4, 9, 11, 12]))
    assert (starts.tolist(), ends.tolist()) == ([2, 9, 11], [5, 10, 13])
    assert [len(part) for part in runs(np.empty(0, dtype=np.int64))] == [0, 0]


def has_gpu():
    return hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus() > 0


def test_a_machine_without_a_gpu_is_told_so():
    if has_gpu():
        pytest.skip("this machine has a GPU")
    with pytest.raises(NoGpuError):
        GpuScan()


def test_the_search_on_a_gpu_holds_the_wall_and_the_exact_best(planted):
    if not has_gpu():
        # Never a failure: the same code runs above with the CPU in the card's place.
        pytest.skip("no GPU or no FAISS built for one; only CudaDevice itself is left untested")
    scan = GpuScan()
    prove_wall(scan)
    part = readable_slice(planted, np.ones(planted.rows, dtype=bool), np.array([0, 2, 5]))
    query = unit(np.random.default_rng(3).normal(size=(1, 32)))[0]
    exact = planted.vectors.astype(np.float64) @ query.astype(np.float64)
    best = sorted(live_rows(part), key=lambda row: -exact[row])[:20]
    assert set(best) <= set(scan.nominate(part, query, 20))
