"""faiss-cpu IndexFlat: exact, each way of telling it which rows may come back."""

from typing import Any

import faiss
import numpy as np

from benchmarks.synthetic import Corpus, Keys, Single


class Flat:
    """``IndexFlatIP`` over float32, rows in the corpus's own order."""

    kind = "library"
    exact = True
    _shared: tuple[Corpus, Any] | None = None

    def __init__(self, selector: str) -> None:
        self.selector = selector
        self.name = f"faiss IndexFlat + {selector}" if selector else "faiss IndexFlat, no filter"

    def build(self, collection: Corpus) -> None:
        self.classes = collection.classes
        if Flat._shared is None or Flat._shared[0] is not collection:
            index = faiss.IndexFlatIP(collection.vectors.shape[1])
            index.add(collection.vectors.astype(np.float32))
            Flat._shared = collection, index
        self.index = Flat._shared[1]

    def prepare(self, readable: Keys) -> Any:
        """Return search parameters, or none where the peer cannot serve this scope."""
        if not self.selector:
            everything = len(readable) > self.classes.max()
            return faiss.SearchParameters() if everything else None
        is_allowed = np.isin(self.classes, readable)
        made = getattr(faiss, self.selector)
        if self.selector == "IDSelectorBitmap":
            return faiss.SearchParameters(sel=made(np.packbits(is_allowed, bitorder="little")))
        return faiss.SearchParameters(sel=made(np.flatnonzero(is_allowed)))

    def search(self, query: Single, prepared: Any, limit: int) -> list[int]:
        _, results = self.index.search(query[None, :], limit, params=prepared)
        return results[0].tolist()

    def threads(self, count: int) -> None:
        faiss.omp_set_num_threads(count)

    def close(self) -> None:
        Flat._shared = None
        del self.index


def peers() -> list[Flat]:
    return [Flat(name) for name in ("IDSelectorArray", "IDSelectorBitmap", "IDSelectorBatch", "")]
