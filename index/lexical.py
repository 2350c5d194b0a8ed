"""BM25 whose statistics are local to the asker: counted over the readable ranges and nothing else.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf
``log(1 + (N - df + 0.5) / (df + 0.5))`` and without the constant factor ``k1 + 1``.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from index.kernels import Float64, Int32, Int64, add_term, slice_postings
from index.ranges import Slice
from index.segment import term_digest

K1 = 0.9
B = 0.4

Scored = tuple[Int64, Float64]
"""Rows and their scores, in no order."""


def score_slices(parts: Sequence[Slice], terms: Sequence[str]) -> list[Scored]:
    """Return, for each slice, the rows that hold a query term, and their BM25 scores.

    A term that is repeated in the query counts as often as it is repeated. Terms are added in
    the order of their digests, so the sums are the same bits whatever order they came in.
    """
    counts = [part.count for part in parts]
    documents = sum(rows for rows, _ in counts)
    if not documents:
        return [_nothing() for _ in parts]
    average = max(sum(length for _, length in counts) / documents, 1e-9)
    tables = [_Table(part) for part in parts]
    for digest, repeats in sorted(Counter(map(term_digest, terms)).items()):
        found = [table.find(digest) for table in tables]
        holding = sum(found)
        if holding:
            idf = repeats * math.log(1 + (documents - holding + 0.5) / (holding + 0.5))
            for table in tables:
                table.add(idf, average)
    return [table.result() for table in tables]


class _Table:
    """The running scores of one slice."""

    def __init__(self, part: Slice) -> None:
        self._part = part
        self._scores: Float64 = np.zeros(part.segment.rows, dtype=np.float64)
        self._touched: Int32 = np.empty(min(part.size, part.segment.rows), dtype=np.int32)
        self._count = 0
        self._picked: Int64 = np.empty(0, dtype=np.int64)

    def find(self, digest: int) -> int:
        """Collect the term's postings inside the ranges; their number is its document frequency."""
        segment, part = self._part.segment, self._part
        at = int(np.searchsorted(segment.term, np.uint64(digest)))
        self._picked = self._picked[:0]
        if at == len(segment.term) or int(segment.term[at]) != digest or not len(part.starts):
            return 0
        first, last = int(segment.term_start[at]), int(segment.term_start[at + 1])
        room: Int64 = np.empty(min(last - first, part.size), dtype=np.int64)
        found = slice_postings(
            segment.posting, first, last, part.starts, part.ends, part.alive, room
        )
        self._picked = room[:found]
        return int(found)

    def add(self, idf: float, average: float) -> None:
        """Add the collected term's part to every row that holds it."""
        segment = self._part.segment
        self._count = add_term(
            self._picked, len(self._picked), segment.posting, segment.frequency, segment.length,
            idf, K1, B, average, self._scores, self._touched, self._count,
        )  # fmt: skip

    def result(self) -> Scored:
        rows = self._touched[: self._count].astype(np.int64)
        return rows, self._scores[rows]


def _nothing() -> Scored:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
