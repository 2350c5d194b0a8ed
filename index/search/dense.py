"""Exact vector search over ranges of rows: a nominator chooses rows, one kernel scores them.

A nominator may be quick and rough, as long as the rows it returns hold the true best ``limit`` and
every row that ties with the last of them. The published score is always the
fixed-order float64 sum of ``dot_products.dot_rows``, so it is the same bits for every nominator.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np

from index.embedding.embedder import Matrix
from index.kernels.dot_products import dot_halves
from index.kernels.vector_kernels import Float64, Int64, nominate_codes
from index.segments.row_ranges import Slice

SPLIT = 40_000
"""Rows from which on a second thread is worth its start."""


class Nominator(Protocol):
    """Finds rows that certainly hold the best ``limit`` of a slice."""

    name: str

    def nominate(self, readable: Slice, query: Matrix, limit: int) -> Int64:
        """Return row numbers, in any order; all live, all inside the ranges."""
        ...


class CodeScan:
    """Integer sums over int8 codes, and a proof of where the cut may be."""

    name = "codes"

    def __init__(self, *, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(1, "scan") if threads > 1 else None

    def nominate(self, readable: Slice, query: Matrix, limit: int) -> Int64:
        """Scan the ranges once; large ones in two halves side by side."""
        if self._pool is None or readable.size < SPLIT:
            return _scan(readable, query, limit)
        first_half, second_half = readable.halves()
        other = self._pool.submit(_scan, second_half, query, limit)
        first = _scan(first_half, query, limit)
        if other.cancel():  # the second thread has not begun: other searches keep it busy
            return np.concatenate([first, _scan(second_half, query, limit)])
        return np.concatenate([first, other.result()])


def _scan(readable: Slice, query: Matrix, limit: int) -> Int64:
    segment = readable.segment
    rows: Int64 = nominate_codes(
        segment.codes,
        segment.scale,
        segment.error,
        readable.alive,
        readable.starts,
        readable.ends,
        query,
        limit,
    )
    return rows


def score_rows(readable: Slice, rows: Int64, query: Matrix) -> Float64:
    """Return the published score of each row: the bits of ``dot_products.dot_rows``."""
    return dot_halves(readable.segment.vectors.view(np.uint16), rows, query)
