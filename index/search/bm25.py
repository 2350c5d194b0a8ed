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
    parts: Sequence[Slice], terms: Sequence[str], limit: int, *, rarity: float = 1.0
) -> list[Scored]:
    """Return, for each slice, rows and their BM25 scores: all that may be among the best ``limit``.

    A term that is repeated in the query counts as often as it is repeated. Terms are added in
    the order of their digests, so the sums are the same bits whatever order they came in.
    """
    documents = sum(part.count[0] for part in parts)
    if not documents:
        return [_nothing() for _ in parts]
    average = max(sum(part.count[1] for part in parts) / documents, 1e-9)
    asked = sorted(Counter(map(term_digest, terms)).items())
    digests = np.array([digest for digest, _ in asked], dtype=np.uint64)
    found = [_find(part, digests) for part in parts]
    holding = map(sum, zip(*(held.tolist() for _, _, held in found), strict=True))
    weights = np.array([
        repeats * math.log(1 + (documents - held + 0.5) / (held + 0.5)) ** rarity
        for (_, repeats), held in zip(asked, holding, strict=True)
    ])  # fmt: skip
    best = np.full(limit, -np.inf)
    scored = [
        _score(part, spans, first, weights, average, best)
        for part, (spans, first, _) in zip(parts, found, strict=True)
    ]
    return [_cut(rows, scores, best[0]) for rows, scores in scored]


def _cut(rows: Int64, scores: Float64, least: float) -> Scored:
    """Drop what was among the best when it was scored and is no more: mostly nine in ten."""
    kept = keep_from(rows, scores, len(rows), least)
    return rows[:kept], scores[:kept]


def _find(part: Slice, digests: UInt64) -> tuple[Int64, Int64, Int64]:
    segment = part.segment
    found: tuple[Int64, Int64, Int64] = find_postings(
        digests, segment.term, segment.term_start, segment.posting,
        part.starts, part.ends, part.before, part.alive, part.whole,
    )  # fmt: skip
    return found


def _score(
    part: Slice, spans: Int64, first: Int64, weights: Float64, average: float, best: Float64
) -> Scored:
    segment = part.segment
    scored: Scored = score_postings(
        spans, first, weights, segment.posting, segment.frequency, segment.length,
        part.alive, part.whole, average, K1, B, best,
    )  # fmt: skip
    return scored


def _nothing() -> Scored:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64)
