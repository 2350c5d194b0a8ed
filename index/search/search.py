"""The two searches over the readable slices, and the one way to cut a ranking."""

from collections.abc import Sequence
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Matrix
from index.kernels.vector_kernels import ranked, sort_equals
from index.search.bm25 import Scored, score_slices
from index.search.dense import Nominator, score_rows
from index.segments.row_ranges import Slice
from index.types import Hit

T = TypeVar("T", bound=np.generic)


def search_dense(
    slices: Sequence[Slice], query: Matrix, limit: int, nominator: Nominator
) -> list[Hit]:
    """Return the ``limit`` rows nearest to the query by exact cosine, best first.

    ``query`` is one unit vector, shape (d,), float32.
    """
    if limit < 1:
        return []
    scored = []
    for readable in slices:
        rows = nominator.nominate(readable, query, limit)
        scored.append((rows, score_rows(readable, rows, query)))
    return _best(slices, scored, limit)


def search_lexical(
    slices: Sequence[Slice], terms: Sequence[str], limit: int, *, rarity: float = 1.0
) -> list[Hit]:
    """Return the ``limit`` rows with the highest scope-local BM25, best first, all above zero."""
    if limit < 1:
        return []
    return _best(slices, score_slices(slices, terms, limit, rarity=rarity), limit)


def _best(slices: Sequence[Slice], scored: Sequence[Scored], limit: int) -> list[Hit]:
    """Cut to the best ``limit``; ties break by document bytes, file name and ordinal."""
    if not scored:
        return []
    joined = zip(slices, scored, strict=True)
    keys = _joined([readable.segment.chunk_key[rows] for readable, (rows, _) in joined])
    scores = _joined([row_scores for _, row_scores in scored])
    order, has_ties = ranked(scores, limit)
    if has_ties:
        joined = zip(slices, scored, strict=True)
        located = [
            (readable.segment, rows, readable.segment.document[rows])
            for readable, (rows, _) in joined
        ]
        ties = _joined([segment.tie[documents] for segment, _, documents in located])
        ordinals = _joined([segment.ordinal[rows] for segment, rows, _ in located])
        sort_equals(order, scores, ties, ordinals, keys)
    order = order[:limit]
    ranking = zip(keys[order].tolist(), scores[order].tolist(), strict=True)
    return list(map(tuple.__new__, repeat(Hit), ranking))  # Hit(...) takes three times as long


def _joined(arrays: Sequence[NDArray[T]]) -> NDArray[T]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
