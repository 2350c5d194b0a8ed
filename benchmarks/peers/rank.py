"""rank-bm25: every document of the corpus scored in Python's dictionaries."""

from collections.abc import Sequence

import numpy as np
from rank_bm25 import BM25Okapi

from benchmarks.synthetic import Keys


class Rank:
    """One index of the whole corpus; hidden rows are dropped after scoring."""

    name = "rank-bm25 + mask"
    kind = "library"

    def build(self, chunks: Sequence[list[str]], classes: Keys) -> None:
        self.classes = classes
        self.model = BM25Okapi(list(chunks), k1=0.9, b=0.4)

    def prepare(self, readable: Keys) -> np.ndarray:
        return np.isin(self.classes, readable)

    def search(self, terms: Sequence[str], prepared: np.ndarray, limit: int) -> list[int]:
        scores = self.model.get_scores(list(terms)) * prepared
        best = np.argpartition(-scores, limit)[:limit]
        return best[np.argsort(-scores[best])].tolist()


def peers() -> list[Rank]:
    return [Rank()]
