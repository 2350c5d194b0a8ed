"""The two searches over the readable slices, and the one way to cut a ranking."""

from collections.abc import Sequence

import numpy as np

from index.dense import Nominator, score_rows
from index.embedder import Matrix
from index.kernels import Float64, Int64
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
    every = np.concatenate([scores for _, scores in scored]) if scored else np.empty(0)
    if not len(every) or limit < 1:
        return []
    cut = (
        np.partition(every, len(every) - limit)[len(every) - limit]
        if len(every) > limit
        else -np.inf
    )
    found = []
    for part, (rows, scores) in zip(parts, scored, strict=True):
        for at in np.flatnonzero(scores >= cut):
            row = rows[at]
            tie = part.segment.tie[part.segment.document[row]].tobytes()
            ordinal, key = int(part.segment.ordinal[row]), int(part.segment.chunk_key[row])
            found.append((-float(scores[at]), tie, ordinal, key))
    return [Hit(chunk=key, score=-score) for score, _, _, key in sorted(found)[:limit]]
