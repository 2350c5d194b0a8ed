"""The two searches over the readable slices, and the one way to cut a ranking."""

from collections.abc import Sequence
from itertools import repeat
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Matrix
from index.kernels.vector_kernels import best_positions, sort_equals
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
    scored_rows = []
    for readable in slices:
        rows = nominator.nominate(readable, query, limit)
        scored_rows.append((rows, score_rows(readable, rows, query)))
    return _best(slices, scored_rows, limit)


def search_lexical(
    slices: Sequence[Slice], terms: Sequence[str], limit: int, *, rarity: float = 1.0
) -> list[Hit]:
    """Return the ``limit`` rows with the highest scope-local BM25, best first, all above zero."""
    if limit < 1:
        return []
    return _best(slices, score_slices(slices, terms, limit, rarity=rarity), limit)


def _best(slices: Sequence[Slice], scored_rows: Sequence[Scored], limit: int) -> list[Hit]:
    """Cut to the best ``limit``; ties break by document bytes, file name and ordinal."""
    if not scored_rows:
        return []
    pairs = zip(slices, scored_rows, strict=True)
    keys = _concatenate([readable.segment.chunk_key[rows] for readable, (rows, _) in pairs])
    scores = _concatenate([row_scores for _, row_scores in scored_rows])
    order, has_ties = best_positions(scores, limit)
    if has_ties:
        pairs = zip(slices, scored_rows, strict=True)
        located = [
            (readable.segment, rows, readable.segment.document[rows])
            for readable, (rows, _) in pairs
        ]
        ties = _concatenate([segment.tie[documents] for segment, _, documents in located])
        ordinals = _concatenate([segment.ordinal[rows] for segment, rows, _ in located])
        sort_equals(order, scores, ties, ordinals, keys)
    order = order[:limit]
    ranking = zip(keys[order].tolist(), scores[order].tolist(), strict=True)
    return list(map(tuple.__new__, repeat(Hit), ranking))  # Hit(...) takes three times as long


def _concatenate(arrays: Sequence[NDArray[T]]) -> NDArray[T]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
