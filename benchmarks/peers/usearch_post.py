"""usearch: its Python binding takes no filter, so hits are fetched until enough are readable."""

import numpy as np
from usearch.index import Index

from benchmarks.synthetic import Corpus, Keys, Single

MOST = 20_000
"""Deeper than this the exact mode of usearch is the quicker way."""


class Post:
    """Over-fetching and dropping what is not readable: what a caller has to write by hand."""

    name = "usearch + post-filter"
    kind = "library"
    exact = False
    knobs = (64, 128, 256, 512, 1024)

    def build(self, collection: Corpus) -> None:
        rows, dimension = collection.vectors.shape
        self.classes = collection.classes
        self.index = Index(ndim=dimension, metric="ip", dtype="f16", connectivity=16)
        self.index.expansion_add = 100
        self.index.add(np.arange(rows), collection.vectors)

    def prepare(self, readable: Keys) -> np.ndarray:
        return np.isin(self.classes, readable)

    def turn(self, knob: int) -> None:
        self.index.expansion_search = knob

    def search(self, query: Single, prepared: np.ndarray, limit: int) -> list[int]:
        share = max(prepared.mean(), 1e-6)
        depth = limit if share == 1 else int(limit / share * 1.3)
        while True:
            rows = len(prepared)
            deep = depth > MOST
            depth = rows if deep else depth
            results = self.index.search(query.astype(np.float16), depth, exact=deep).keys
            kept = results[prepared[results]][:limit]
            if len(kept) == limit or depth >= rows:
                return kept.tolist()
            depth *= 2

    def close(self) -> None:
        del self.index


def peers() -> list[Post]:
    return [Post()]
