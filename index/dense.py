"""Exact vector search over ranges: somebody nominates, one kernel scores.

A nominator may be as quick and as rough as it likes, as long as the rows it returns hold the true
best ``limit`` and everything tied with the last of them. The published score is always the
fixed-order float64 sum of ``kernels.dot_rows``, so it is the same bits for every nominator.
"""

from typing import Protocol

import numpy as np

from index.embedder import Matrix
from index.kernels import Float32, Float64, Int64, dot_rows, scan_codes
from index.ranges import Slice

SLACK = 1e-5
"""Covers what rounding to float32 adds to a score or a bound of at most about 1."""


class Nominator(Protocol):
    """Finds rows that certainly hold the best ``limit`` of a slice."""

    name: str

    def nominate(self, part: Slice, query: Matrix, limit: int) -> Int64:
        """Return row numbers, in any order; all live, all inside the ranges."""
        ...


class CodeScan:
    """Integer sums over int8 codes, and a proof of where the cut may be.

    By Cauchy and Schwarz the code's score differs from the true one by at most
    ``error * |query| + |code * scale| * |query error|``; every row whose upper bound reaches the
    ``limit``-th best lower bound is nominated.
    """

    name = "codes"

    def nominate(self, part: Slice, query: Matrix, limit: int) -> Int64:
        """Scan the ranges once."""
        rows = np.empty(part.size, dtype=np.int64)
        scores = np.empty(part.size, dtype=np.float32)
        step = float(np.abs(query).max(initial=0.0)) / 127 or 1.0
        codes = np.rint(query / step).astype(np.int16)
        segment = part.segment
        found = scan_codes(
            segment.codes, segment.scale, part.alive, part.starts, part.ends,
            codes, step, rows, scores,
        )  # fmt: skip
        rows, scores = rows[:found], scores[:found]
        if found <= limit:
            return rows
        missed = float(np.linalg.norm(query.astype(np.float64) - codes * step))
        error = segment.error[rows]
        bound = error * np.float32(np.linalg.norm(query))
        bound += (np.float32(1.001) + error) * np.float32(missed) + np.float32(SLACK)
        cut = np.partition(scores - bound, found - limit)[found - limit]
        nominated: Int64 = rows[scores + bound >= cut]
        return nominated


class FaissScan:
    """FAISS brute force over the same slabs; the class that holds the index on a GPU too.

    Ranges are searched as slices of one matrix, so no selector has to be trusted. FAISS scores
    are float32 sums in an order of its own: they nominate only, and the search is widened until
    the gap below the cut is wider than their error.
    """

    name = "faiss"

    def __init__(self) -> None:
        self._matrices: dict[int, tuple[object, Float32]] = {}

    def nominate(self, part: Slice, query: Matrix, limit: int) -> Int64:
        """Search the live rows, doubling the depth until the cut is certain."""
        rows = live_rows(part)
        matrix = self._matrix(part)[rows]
        depth = limit
        while depth < len(rows):
            scores, found = self._search(query, matrix, min(2 * depth, len(rows)))
            if scores[limit - 1] - scores[-1] > 2 * SLACK:
                nominated: Int64 = rows[found]
                return nominated
            depth *= 2
        return rows

    def _search(self, query: Matrix, matrix: Float32, depth: int) -> tuple[Float32, Int64]:
        import faiss

        scores: Float32
        found: Int64
        scores, found = faiss.knn(query[None, :], matrix, depth, metric=faiss.METRIC_INNER_PRODUCT)
        return scores[0], found[0]

    def _matrix(self, part: Slice) -> Float32:
        held = self._matrices.get(id(part.segment))
        if held is None or held[0] is not part.segment:
            held = (part.segment, part.segment.vectors.astype(np.float32))
            self._matrices[id(part.segment)] = held
        return held[1]


def live_rows(part: Slice) -> Int64:
    """Return every live row of the ranges, in order."""
    pieces = [np.arange(start, end) for start, end in zip(part.starts, part.ends, strict=True)]
    rows: Int64 = np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int64)
    live: Int64 = rows[part.alive[rows]]
    return live


def score_rows(part: Slice, rows: Int64, query: Matrix) -> Float64:
    """Return the published score of each row."""
    return dot_rows(part.segment.vectors[rows].astype(np.float32), query)
