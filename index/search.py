"""The two searches over the readable slices, and the one way to cut a ranking."""

from collections.abc import Callable, Sequence

import numpy as np

from index.dense import Nominator, score_rows
from index.embedder import Matrix
from index.kernels import Float64, Int64
from index.lexical import score_slices
from index.ranges import Slice
from index.segment import Segment
from index.types import Hit


def search_dense(
    parts: Sequence[Slice], query: Matrix, limit: int, nominator: Nominator
) -> list[Hit]:
    """Return the ``limit`` rows nearest to the query by exact cosine, best first.

    ``query`` is one unit vector, shape (d,), float32.
    """
    scored = []
    for part in parts:
        rows = nominator.nominate(part, query, limit)
        scored.append((rows, score_rows(part, rows, query)))
    return _best(parts, scored, limit)


def search_lexical(parts: Sequence[Slice], terms: Sequence[str], limit: int) -> list[Hit]:
    """Return the ``limit`` rows with the highest scope-local BM25, best first, all above zero."""
    return _best(parts, score_slices(parts, terms), limit)


def _best(parts: Sequence[Slice], scored: Sequence[tuple[Int64, Float64]], limit: int) -> list[Hit]:
    """Cut to the best ``limit``; ties break by document bytes, file name and ordinal."""
    if not scored or limit < 1:
        return []
    scores = np.concatenate([found for _, found in scored])
    order = np.argsort(-scores, kind="stable")
    if len(order) > limit:
        order = order[scores[order] >= scores[order[limit - 1]]]
    at = _places(parts, scored)
    ranked = scores[order]
    if (ranked[1:] == ranked[:-1]).any():
        order = np.array(sorted(order, key=lambda one: (-scores[one], *_tie(*at(one)))))
    return [
        Hit(int(segment.chunk_key[row]), float(scores[one]))
        for one in order[:limit]
        for segment, row in [at(one)]
    ]


def _places(
    parts: Sequence[Slice], scored: Sequence[tuple[Int64, Float64]]
) -> Callable[[int], tuple[Segment, int]]:
    """Return how to find the segment and row of a place in the joined results."""
    ends = np.cumsum([len(rows) for rows, _ in scored])
    rows = np.concatenate([rows for rows, _ in scored])
    if len(parts) == 1:
        return lambda one: (parts[0].segment, int(rows[one]))
    return lambda one: (parts[int(np.searchsorted(ends, one, "right"))].segment, int(rows[one]))


def _tie(segment: Segment, row: int) -> tuple[bytes, int, int]:
    document = segment.tie[segment.document[row]].tobytes()
    return document, int(segment.ordinal[row]), int(segment.chunk_key[row])
