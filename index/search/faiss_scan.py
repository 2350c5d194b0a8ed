"""FAISS brute force over the slabs: what the searches on a CPU and on a GPU have in common.

Runs of live readable rows are searched as slices of one matrix, so no selector has to be
trusted: a row outside the runs is never handed to FAISS. FAISS scores are float sums in an order
of their own; they only nominate, and the search is widened until the cut lies outside their error.
"""

import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from index.embedding.embedder import Matrix
from index.kernels.vector_kernels import Bool, Float16, Float32, Int64
from index.segments.row_ranges import Slice
from index.segments.segment import Segment

LONG_RUN = 4096
"""A run of fewer rows is gathered with others: a search of its own would cost more than a copy."""

LONGEST = np.float32(1.001)
"""No stored vector is longer: it is a unit vector, rounded to float16."""

Ask = tuple[Slice, Matrix]
"""The readable ranges of a segment, and a query of shape (d,)."""


class Device(Protocol):
    """Where FAISS runs. A matrix on a device is opaque, and is sliced by rows like an array."""

    def hold(self, vectors: Float16) -> Any:
        """Copy (n, d) vectors to where they are searched."""
        ...

    def gather(self, matrix: Any, rows: Int64) -> Any:
        """Return some rows of a device's matrix side by side."""
        ...

    def nearest(self, queries: Matrix, matrix: Any, depth: int) -> tuple[Float32, Int64, Float32]:
        """Return (q, depth) inner products, best first, their rows, and each query's error.

        The error, shape (q,), bounds how far any inner product may be from the true one.
        """
        ...


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows that are searched in one call, and the numbers of the queries that may read them."""

    rows: Int64
    matrix: Any
    asks: list[int]


class BruteScan:
    """A nominator on any device; several queries that may read the same run share its search."""

    def __init__(self, name: str, device: Device, deepest: int) -> None:
        """``deepest`` is how many results the device returns at most."""
        self.name = name
        self._device = device
        self._deepest = deepest
        self._matrices: dict[int, tuple[weakref.ref[Segment], Any]] = {}

    def nominate(self, readable: Slice, query: Matrix, limit: int) -> Int64:
        """Search one query alone."""
        return self.nominate_all([(readable, query)], limit)[0]

    def nominate_all(self, asks: Sequence[Ask], limit: int) -> list[Int64]:
        """Search queries of several scopes over one segment together; rows for each."""
        blocks = self._blocks(asks)
        nominated: list[Int64 | None] = [None] * len(asks)
        depth = limit
        while any(rows is None for rows in nominated):
            depth = min(2 * depth, self._deepest)
            unfinished = [at for at, rows in enumerate(nominated) if rows is None]
            results = self._search([query for _, query in asks], blocks, set(unfinished), depth)
            for at in unfinished:
                nominated[at] = results[at].nominated_rows(limit)
                if nominated[at] is None and depth == self._deepest:
                    nominated[at] = live_rows(asks[at][0])  # too many near ties: all are nominated
        return [rows for rows in nominated if rows is not None]

    def _search(
        self,
        queries: Sequence[Matrix],
        blocks: Sequence[RowBlock],
        unfinished: set[int],
        depth: int,
    ) -> list["_QueryResult"]:
        results = [_QueryResult() for _ in queries]
        for block in blocks:
            askers = [at for at in block.asks if at in unfinished]
            if not askers:
                continue
            stacked = np.stack([queries[at] for at in askers])
            depth_here = min(depth, len(block.rows))
            scores, positions, errors = self._device.nearest(stacked, block.matrix, depth_here)
            for at, score, position, error in zip(askers, scores, positions, errors, strict=True):
                results[at].add(
                    block.rows[position], score, float(error), depth_here == len(block.rows)
                )
        return results

    def _blocks(self, asks: Sequence[Ask]) -> list[RowBlock]:
        """Cut the readable rows into long runs, searched in place, and short runs, gathered."""
        long: dict[tuple[int, int], list[int]] = {}
        short: dict[bytes, tuple[Int64, list[int]]] = {}
        for at, (readable, _) in enumerate(asks):
            rows = live_rows(readable)
            starts, ends = runs(rows)
            is_long = ends - starts >= LONG_RUN
            for start, end in zip(starts[is_long].tolist(), ends[is_long].tolist(), strict=True):
                long.setdefault((start, end), []).append(at)
            short_rows = rows[np.repeat(~is_long, ends - starts)]
            if len(short_rows):
                short.setdefault(short_rows.tobytes(), (short_rows, []))[1].append(at)
        matrix = self._matrix(asks[0][0].segment)
        return [
            *(RowBlock(np.arange(*run), matrix[slice(*run)], who) for run, who in long.items()),
            *(
                RowBlock(rows, self._device.gather(matrix, rows), who)
                for rows, who in short.values()
            ),
        ]

    def _matrix(self, segment: Segment) -> Any:
        """Return the segment's matrix on the device, held for as long as the segment lives."""
        key = id(segment)
        if key not in self._matrices:
            reference = weakref.ref(segment, lambda _: self._matrices.pop(key, None))
            self._matrices[key] = reference, self._device.hold(segment.vectors)
        return self._matrices[key][1]


class _QueryResult:
    """The best rows of one query so far, over all of its blocks."""

    def __init__(self) -> None:
        self._rows: list[Int64] = []
        self._scores: list[Float32] = []
        self._error = 0.0
        self._best_left_out = -np.inf

    def add(self, rows: Int64, scores: Float32, error: float, whole: bool) -> None:  # noqa: FBT001
        """Add a block's best rows; ``whole`` says that it has no other rows."""
        self._rows.append(rows)
        self._scores.append(scores)
        self._error = max(self._error, error)
        if not whole:
            self._best_left_out = max(self._best_left_out, float(scores[-1]))

    def nominated_rows(self, limit: int) -> Int64 | None:
        """Return rows that certainly hold the best ``limit`` and their ties, if they do."""
        if not self._rows:
            return np.empty(0, dtype=np.int64)
        rows, scores = np.concatenate(self._rows), np.concatenate(self._scores)
        if len(rows) <= limit:
            return rows if self._best_left_out == -np.inf else None
        floor = np.partition(scores, len(scores) - limit)[len(scores) - limit] - 2 * self._error
        if self._best_left_out >= floor:
            return None
        nominated: Int64 = rows[scores >= floor]
        return nominated


class CpuDevice:
    """faiss-cpu on float32, or, to rehearse a GPU, on what float16 leaves of the query."""

    def __init__(self, *, half: bool = False) -> None:
        self._half = half

    def hold(self, vectors: Float16) -> Float32:
        """Widen to float32: faiss-cpu searches nothing narrower by brute force."""
        return vectors.astype(np.float32)

    def gather(self, matrix: Float32, rows: Int64) -> Float32:
        """Copy the rows."""
        gathered: Float32 = matrix[rows]
        return gathered

    def nearest(
        self, queries: Matrix, matrix: Float32, depth: int
    ) -> tuple[Float32, Int64, Float32]:
        """Search with ``faiss.knn``."""
        import faiss

        rounded = queries.astype(np.float16).astype(np.float32) if self._half else queries
        scores, rows = faiss.knn(rounded, matrix, depth, metric=faiss.METRIC_INNER_PRODUCT)
        return scores, rows, sum_error(queries, rounded)


class FaissScan(BruteScan):
    """FAISS on the CPU."""

    def __init__(self) -> None:
        super().__init__("faiss", CpuDevice(), deepest=1 << 30)


def sum_error(queries: Matrix, rounded: Matrix) -> Float32:
    """Bound the error of float32 inner products with ``rounded`` in place of ``queries``.

    The query's own rounding counts by Cauchy and Schwarz; a sum of d products in any order is
    wrong by at most d units in the last place of the products' total (Higham, Accuracy and
    Stability of Numerical Algorithms, 2002, section 3.1), here doubled.
    """
    rounding_error = np.linalg.norm(queries.astype(np.float64) - rounded.astype(np.float64), axis=1)
    lengths = np.linalg.norm(queries.astype(np.float64), axis=1)
    bound: Float32 = LONGEST * (rounding_error + lengths * queries.shape[1] * 2.0**-23).astype(
        np.float32
    )
    return bound


def live_rows(readable: Slice) -> Int64:
    """Return every live row of the ranges, in order."""
    if not len(readable.starts):
        return np.empty(0, dtype=np.int64)
    sizes = readable.ends - readable.starts
    first = np.repeat(readable.starts - np.r_[0, np.cumsum(sizes)[:-1]], sizes)
    rows: Int64 = first + np.arange(sizes.sum())
    alive: Bool = readable.alive[rows]
    return rows[alive]


def runs(rows: Int64) -> tuple[Int64, Int64]:
    """Return the starts and ends of runs of neighbours in sorted rows."""
    if not len(rows):
        return rows, rows
    gap = np.diff(rows) != 1
    return rows[np.r_[True, gap]], rows[np.r_[gap, True]] + 1
