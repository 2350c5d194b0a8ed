"""The start-up self-test of a nominator: forbidden rows are planted, and none may come back."""

from functools import cache

import numpy as np

from index.embedding.embedder import Matrix
from index.errors import WallBreachError
from index.kernels.vector_kernels import Int64
from index.search.dense import Nominator
from index.search.faiss_scan import live_rows
from index.segments.row_ranges import Slice, readable_slice
from index.segments.segment import IndexedChunk, Segment, tie_of

ROWS = 14_000
"""Just enough for a range that is searched in place and for ranges that are gathered."""

DIMENSION = 32
LIMIT = 20
CLASSES = np.array([1, 1, 1, 2, 3, 4, 5, 5, 5, 6])
"""Class of each tenth of the rows, laid out in this order."""

READABLE = np.array([1, 3, 5], dtype=np.int64)

DEAD = np.array([0, 2900, 7000, 9900, 12_599])
"""Readable rows whose documents are gone."""


def prove_wall(nominator: Nominator) -> None:
    """Search a planted segment as a service would, and refuse a nominator that cannot be trusted.

    Every forbidden or deleted row is the query itself; readable rows are farther away, so that
    any row that slips through comes first.

    Raises:
        WallBreachError: a row came back that is hidden or deleted, or one of the best is missing.

    """
    segment, query = _planted_segment()
    alive = np.ones(segment.rows, dtype=np.bool_)
    alive[DEAD] = False
    for classes in (READABLE, READABLE[1:], np.array([7])):
        _check(nominator, readable_slice(segment, alive, classes), query)


def _check(nominator: Nominator, readable: Slice, query: Matrix) -> None:
    nominated = np.asarray(nominator.nominate(readable, query, LIMIT))
    readable_rows = live_rows(readable)
    if not np.isin(nominated, readable_rows).all():
        raise WallBreachError(f"The search {nominator.name!r} returned rows that are hidden.")
    scores = readable.segment.vectors[readable_rows].astype(np.float64) @ query.astype(np.float64)
    best = readable_rows[np.argsort(-scores, kind="stable")[:LIMIT]]
    if not np.isin(best, nominated).all():
        raise WallBreachError(f"The search {nominator.name!r} left out rows among the best.")


@cache
def _planted_segment() -> tuple[Segment, Matrix]:
    """Return the segment and its query: the same numbers for every nominator of the process."""
    rng = np.random.default_rng(11)
    query = _unit(rng.standard_normal((1, DIMENSION)))[0]
    classes = np.repeat(CLASSES, ROWS // len(CLASSES))
    vectors = _unit(rng.standard_normal((ROWS, DIMENSION)))
    vectors[~np.isin(classes, READABLE)] = query
    vectors[DEAD] = query
    return Segment.build(_chunks(classes, vectors), DIMENSION), query


def _chunks(classes: Int64, vectors: Matrix) -> list[IndexedChunk]:
    tie = tie_of("00" * 32, "planted")
    rows = zip(classes.tolist(), vectors.astype("<f2"), strict=True)
    return [
        IndexedChunk(at, at, group, tie, 0, vector.tobytes(), ())
        for at, (group, vector) in enumerate(rows)
    ]


def _unit(rows: np.ndarray) -> Matrix:
    unit: Matrix = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
