"""BM25 whose statistics are local to the asker: counted over the readable ranges and nothing else.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf
``log(1 + (N - df + 0.5) / (df + 0.5))`` and without the constant factor ``k1 + 1``. Where
``rarity`` is above 1, a term's weight is its idf to that power: between BM25 (1) and a question
and a document that are both weighted by idf (2), as in Salton and Buckley, Term-Weighting
Approaches (1988).
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from index.kernels.bm25_kernels import UInt64, find_postings, score_postings
from index.kernels.vector_kernels import Float64, Int64, keep_from
from index.segments.row_ranges import Slice
from index.segments.segment import term_digest

K1 = 0.6
B = 0.4

Scored = tuple[Int64, Float64]
"""Rows and their scores, in no order."""


def score_slices(
    slices: Sequence[Slice], terms: Sequence[str], limit: int, *, rarity: float = 1.0
) -> list[Scored]:
    """Return, for each slice, rows and their BM25 scores: all that may be among the best ``limit``.

    A term that is repeated in the query counts as often as it is repeated. Terms are added in
    the order of their digests, so the sums are the same bits whatever order they came in.
    """
    documents = sum(readable.count[0] for readable in slices)
    if not documents:
        return [_nothing() for _ in slices]
    average = max(sum(readable.count[1] for readable in slices) / documents, 1e-9)
    repeats_of = sorted(Counter(map(term_digest, terms)).items())
    digests = np.array([digest for digest, _ in repeats_of], dtype=np.uint64)
    postings = [_find(readable, digests) for readable in slices]
    frequencies = map(sum, zip(*(counts.tolist() for _, _, counts in postings), strict=True))
    weights = np.array([
        repeats * math.log(1 + (documents - frequency + 0.5) / (frequency + 0.5)) ** rarity
        for (_, repeats), frequency in zip(repeats_of, frequencies, strict=True)
    ])  # fmt: skip
    best = np.full(limit, -np.inf)
    candidates = [
        _score(readable, spans, first, weights, average, best)
        for readable, (spans, first, _) in zip(slices, postings, strict=True)
    ]
    return [_drop_worse(rows, scores, best[0]) for rows, scores in candidates]


def _drop_worse(rows: Int64, scores: Float64, least: float) -> Scored:
    """Drop the rows that better ones scored later have pushed out: mostly nine in ten."""
    count = keep_from(rows, scores, len(rows), least)
    return rows[:count], scores[:count]


def _find(readable: Slice, digests: UInt64) -> tuple[Int64, Int64, Int64]:
    segment = readable.segment
    postings: tuple[Int64, Int64, Int64] = find_postings(
        digests, segment.term, segment.term_start, segment.posting,
        readable.starts, readable.ends, readable.before, readable.alive, readable.whole,
    )  # fmt: skip
    return postings


def _score(
    readable: Slice, spans: Int64, first: Int64, weights: Float64, average: float, best: Float64
) -> Scored:
    segment = readable.segment
    rows_and_scores: Scored = score_postings(
        spans, first, weights, segment.posting, segment.frequency, segment.length,
        readable.alive, readable.whole, average, K1, B, best,
    )  # fmt: skip
    return rows_and_scores


def _nothing() -> Scored:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
