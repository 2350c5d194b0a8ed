"""LanceDB in a local folder: exact with a prefilter, and an IVF index with the same prefilter."""

import shutil
import tempfile
from typing import Any

import lancedb
import numpy as np
import pyarrow as pa

from benchmarks.synthetic import Corpus, Keys, Single

BLOCK = 50_000


class Lance:
    """A table with the class as an indexed column, the filter applied before the search."""

    kind = "database, local mode"

    def __init__(self, index: str) -> None:
        self.index = index
        self.exact = not index
        self.name = f"lancedb {index or 'exact'} + prefilter"
        if index:
            self.knobs = (10, 20, 40, 80, 160, 400)
        self.probes = 0

    def build(self, collection: Corpus) -> None:
        self.folder = tempfile.mkdtemp(prefix="fn-lance-")
        self.table = lancedb.connect(self.folder).create_table("chunks", batch(collection, 0))
        for start in range(BLOCK, len(collection.vectors), BLOCK):
            self.table.add(batch(collection, start))
        self.table.create_scalar_index("class", index_type="BTREE")
        if self.index:
            self.table.create_index(
                "dot", num_partitions=400, index_type=self.index, vector_column_name="vector"
            )
        self.everything = int(collection.classes.max()) + 1

    def prepare(self, readable: Keys) -> str:
        if len(readable) == self.everything:
            return ""
        return f"class IN ({','.join(map(str, readable.tolist()))})"

    def turn(self, knob: int) -> None:
        self.probes = knob

    def search(self, query: Single, prepared: str, limit: int) -> list[int]:
        asked: Any = (
            self.table.search(query).distance_type("dot").limit(limit).select(["key", "_distance"])
        )
        if self.probes:
            asked = asked.nprobes(self.probes)
        if prepared:
            asked = asked.where(prepared, prefilter=True)
        return asked.to_arrow()["key"].to_pylist()

    def close(self) -> None:
        shutil.rmtree(self.folder)


def batch(collection: Corpus, start: int) -> pa.Table:
    """Return a block of rows as LanceDB takes them."""
    part = collection.vectors[start : start + BLOCK].astype(np.float32)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), part.shape[1])
    return pa.table(
        {
            "key": np.arange(start, start + len(part)),
            "class": collection.classes[start : start + BLOCK],
            "vector": vectors,
        }
    )


def peers() -> list[Lance]:
    return [Lance(""), Lance("IVF_FLAT")]
