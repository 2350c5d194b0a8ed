"""Our own search, driven as the service drives it: classes to ranges to hits.

The ranges of a scope are remembered with the view, as the peers' filters are prepared.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from benchmarks.synthetic import Corpus, Keys, Single, indexed
from index.search.dense import CodeScan, Nominator
from index.search.search import search_dense, search_lexical
from index.segments.memory_index import IndexView
from index.segments.segment import Segment
from index.segments.slice_cache import SliceCache
from index.types import Hit

PART = 50_000


Terms = Callable[[int, int], list[list[str]]]
"""The terms of the chunks from one row to another."""


def build_segment(collection: Corpus, terms: Terms | None = None, first_key: int = 0) -> Segment:
    """Return one segment of the whole corpus, built in parts and merged as a service would."""
    rows, dimension = collection.vectors.shape
    parts = []
    for cut in pairwise(_document_cuts(collection.documents, rows)):
        chunks = indexed(collection, cut, terms(*cut) if terms else None, first_key)
        parts.append(Segment.build(chunks, dimension))
    return Segment.merge([(part, np.ones(part.rows, dtype=np.bool_)) for part in parts])


class Footnote:
    """One segment, all rows live."""

    kind = "in this process"
    exact = True

    def __init__(self, nominator: Nominator | None = None) -> None:
        self.nominator = nominator or CodeScan()
        self.name = f"footnote ({self.nominator.name})"

    def build(self, collection: Corpus, terms: Terms | None = None) -> None:
        self.hold(build_segment(collection, terms))

    def hold(self, segment: Segment) -> None:
        self.slices = SliceCache()
        self.view = IndexView(1, ((segment, np.ones(segment.rows, dtype=np.bool_)),))

    def prepare(self, readable: Keys) -> Keys:
        return readable

    def search(self, query: Single, readable: Keys, limit: int) -> list[int]:
        slices = self.slices.slices(self.view, readable)
        return [hit.chunk for hit in search_dense(slices, query, limit, self.nominator)]

    def lexical(self, terms: Sequence[str], readable: Keys, limit: int) -> list[int]:
        slices = self.slices.slices(self.view, readable)
        return [hit.chunk for hit in search_lexical(slices, terms, limit)]

    def both(
        self, query: Single, terms: Sequence[str], readable: Keys, limit: int
    ) -> tuple[list[Hit], list[Hit]]:
        """Return the hits of both legs, to be fused."""
        slices = self.slices.slices(self.view, readable)
        dense = search_dense(slices, query, limit, self.nominator)
        return dense, search_lexical(slices, terms, limit)

    def close(self) -> None:
        del self.view


def _document_cuts(documents: Keys, rows: int) -> list[int]:
    """Cut about every ``PART`` rows, never inside a document."""
    starts = np.flatnonzero(np.r_[True, documents[1:] != documents[:-1]])
    wanted = np.arange(0, rows, PART)
    return [*starts[np.searchsorted(starts, wanted)].tolist(), rows]
