"""bm25s: scores of every term precomputed over the whole corpus, hidden rows masked out."""

from collections.abc import Sequence

import bm25s
import numpy as np

from benchmarks.synthetic import Keys


class Bm25s:
    """The numba backend, with a weight mask of zeros for what is hidden."""

    name = "bm25s + mask"
    kind = "library"

    def build(self, chunks: Sequence[list[str]], classes: Keys) -> None:
        self.classes = classes
        self.model = bm25s.BM25(k1=0.9, b=0.4, backend="numba")
        self.model.index(list(chunks), show_progress=False)
        self.everything = int(classes.max()) + 1

    def prepare(self, readable: Keys) -> np.ndarray | None:
        if len(readable) == self.everything:
            return None
        return np.isin(self.classes, readable).astype(np.float32)

    def search(self, terms: Sequence[str], prepared: np.ndarray | None, limit: int) -> list[int]:
        results, _ = self.model.retrieve(
            [list(terms)], k=limit, show_progress=False, n_threads=1, weight_mask=prepared
        )
        return results[0].tolist()


def peers() -> list[Bm25s]:
    return [Bm25s()]
