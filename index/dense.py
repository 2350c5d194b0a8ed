"""Exact vector search over ranges: somebody nominates, one kernel scores.

A nominator may be as quick and as rough as it likes, as long as the rows it returns hold the true
best ``limit`` and everything tied with the last of them. The published score is always the
fixed-order float64 sum of ``kernels.dot_rows``, so it is the same bits for every nominator.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from index.embedder import Matrix
from index.kernels import Float64, Int16, Int64, dot_halves, nominate_codes
from index.ranges import Slice

SLACK = 1e-5
"""Covers what rounding to float32 adds to a score or a bound of at most about 1."""

SPLIT = 40_000
"""Rows from which on a second thread is worth its start."""


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

    def __init__(self, *, threads: int = 2) -> None:
        self._pool = ThreadPoolExecutor(1, "scan") if threads > 1 else None

    def nominate(self, part: Slice, query: Matrix, limit: int) -> Int64:
        """Scan the ranges once; large ones in two halves side by side."""
        step = float(np.abs(query).max(initial=0.0)) / 127 or 1.0
        codes = np.rint(query / step).astype(np.int16)
        missed = float(np.linalg.norm(query.astype(np.float64) - codes * step))
        asked = _Asked(codes, step, float(np.linalg.norm(query)), missed, limit)
        halves = part.halves() if self._pool and part.size >= SPLIT else (part,)
        if len(halves) == 1:
            return _scan(part, asked)
        assert self._pool is not None
        other = self._pool.submit(_scan, halves[1], asked)
        return np.concatenate([_scan(halves[0], asked), other.result()])


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query as the codes see it."""

    codes: Int16
    step: float
    length: float
    missed: float
    """Length of what the codes miss of the query."""
    limit: int


def _scan(part: Slice, asked: _Asked) -> Int64:
    segment, size = part.segment, part.size
    rows: Int64 = np.empty(size, dtype=np.int64)
    found = nominate_codes(
        segment.codes, segment.scale, segment.error, part.alive, part.starts, part.ends,
        asked.codes, asked.step, asked.length, asked.missed, SLACK, asked.limit,
        rows, np.empty(size, dtype=np.float64),
    )  # fmt: skip
    return rows[:found]


def score_rows(part: Slice, rows: Int64, query: Matrix) -> Float64:
    """Return the published score of each row: the bits of ``kernels.dot_rows``."""
    return dot_halves(part.segment.vectors.view(np.uint16), _HALVES, rows, query)


_HALVES = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
"""The float32 value of each float16."""
