"""The two searches over the readable slices, and the one way to cut a ranking."""

from collections.abc import Sequence
from itertools import groupby

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
    every = np.concatenate([scores for _, scores in scored]) if scored else np.empty(0)
    if not len(every) or limit < 1:
        return []
    last = max(len(every) - limit, 0)
    cut = np.partition(every, last)[last]
    found = [
        (float(scores[at]), part.segment, int(rows[at]))
        for part, (rows, scores) in zip(parts, scored, strict=True)
        for at in np.flatnonzero(scores >= cut)
    ]
    found.sort(key=_score_of, reverse=True)
    tied = [list(group) for _, group in groupby(found, key=_score_of)]
    ranking = [one for group in tied for one in (sorted(group, key=_tie) if group[1:] else group)]
    return [Hit(int(segment.chunk_key[row]), score) for score, segment, row in ranking[:limit]]


Found = tuple[float, Segment, int]
"""A score, and the row it belongs to."""


def _score_of(found: Found) -> float:
    return found[0]


def _tie(found: Found) -> tuple[bytes, int, int]:
    _, segment, row = found
    document = segment.tie[segment.document[row]].tobytes()
    return document, int(segment.ordinal[row]), int(segment.chunk_key[row])
