"""The two searches over the readable slices, and the one way to cut a ranking."""

from collections.abc import Callable, Sequence

import numpy as np

from index.dense import Nominator, score_rows
from index.embedder import Matrix
from index.kernels import Float64, Int64, cut_of
from index.lexical import score_slices
from index.ranges import Slice
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
    joined = zip(parts, scored, strict=True)
    keys = np.concatenate([part.segment.chunk_key[rows] for part, (rows, _) in joined])
    scores = np.concatenate([found for _, found in scored])
    kept = np.flatnonzero(scores >= cut_of(scores, limit))
    order = kept[np.argsort(-scores[kept], kind="stable")]
    ties = _ties(parts, scored)
    for start, end in _runs_of_equals(scores[order]):
        order[start:end] = sorted(order[start:end], key=lambda at: (ties(at), keys[at]))
    order = order[:limit]
    return list(map(Hit, keys[order].tolist(), scores[order].tolist()))


def _runs_of_equals(ranked: Float64) -> list[tuple[int, int]]:
    """Return where each run of two or more equal scores starts and ends."""
    edges = np.r_[0, np.flatnonzero(ranked[1:] != ranked[:-1]) + 1, len(ranked)]
    long = np.flatnonzero(np.diff(edges) > 1)
    return list(zip(edges[long].tolist(), edges[long + 1].tolist(), strict=True))


def _ties(
    parts: Sequence[Slice], scored: Sequence[tuple[Int64, Float64]]
) -> Callable[[int], tuple[bytes, int]]:
    """Return what breaks the tie of a place in the joined results."""
    ends = np.cumsum([len(rows) for rows, _ in scored])
    rows = np.concatenate([rows for rows, _ in scored])

    def tie(at: int) -> tuple[bytes, int]:
        segment = parts[int(np.searchsorted(ends, at, "right"))].segment
        row = rows[at]
        return segment.tie[segment.document[row]].tobytes(), int(segment.ordinal[row])

    return tie
