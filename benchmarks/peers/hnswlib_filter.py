"""hnswlib with a filter function, which its graph search calls for every candidate."""

from collections.abc import Callable

import hnswlib
import numpy as np

from benchmarks.synthetic import Corpus, Keys, Single

Prepared = Callable[[int], bool] | None


class Hnsw:
    """M 16, construction depth 100: the library's and Chroma's usual settings."""

    name = "hnswlib + filter function"
    kind = "library"
    exact = False
    knobs = (64, 128, 256, 512, 1024, 4096)

    def build(self, collection: Corpus) -> None:
        rows, dimension = collection.vectors.shape
        self.classes = collection.classes
        self.index = hnswlib.Index("ip", dimension)
        self.index.init_index(rows, M=16, ef_construction=100)
        self.index.add_items(collection.vectors.astype(np.float32), np.arange(rows))

    def prepare(self, readable: Keys) -> Prepared:
        is_allowed = np.isin(self.classes, readable)
        return None if is_allowed.all() else is_allowed.tolist().__getitem__

    def turn(self, knob: int) -> None:
        self.index.set_ef(knob)

    def search(self, query: Single, prepared: Prepared, limit: int) -> list[int]:
        results, _ = self.index.knn_query(query, limit, num_threads=1, filter=prepared)
        return results[0].tolist()

    def close(self) -> None:
        del self.index


def peers() -> list[Hnsw]:
    return [Hnsw()]
