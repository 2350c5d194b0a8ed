"""Search once in memory, so that the compiled loops are ready before the first question comes."""

from dataclasses import fields

import numpy as np

from index.kernels.dot_products import dot_rows
from index.search.dense import Nominator
from index.search.search import search_dense, search_lexical
from index.segments.row_ranges import readable_slice
from index.segments.segment import IndexedChunk, Segment, tie_of

CLASS = 1
TERMS = ("lamp", "dusk")
ROWS = 4


def warm_search(nominator: Nominator, dimension: int) -> None:
    """Run both searches over rows that tie, in memory and as they are where a file is mapped.

    A loop is compiled for each of the two: the arrays of a file are read-only.
    """
    vector = np.zeros(dimension, dtype=np.float32)
    vector[0] = 1.0
    tie = tie_of("00" * 32, "warm")
    chunks = [
        IndexedChunk(at, at, CLASS, tie, 0, vector.astype("<f2").tobytes(), TERMS)
        for at in range(ROWS)
    ]
    segment = Segment.build(chunks, dimension)
    for one in (segment, _read_only(segment)):
        alive = np.ones(ROWS, dtype=np.bool_)
        for some in (alive, np.arange(ROWS) > 0):
            slices = [readable_slice(one, some, np.array([CLASS], dtype=np.int64))]
            search_dense(slices, vector, ROWS - 2, nominator)
            search_lexical(slices, TERMS, ROWS - 2)
    dot_rows(np.stack([vector, vector]), vector)


def _read_only(segment: Segment) -> Segment:
    arrays = {field.name: getattr(segment, field.name).view() for field in fields(Segment)}
    for array in arrays.values():
        array.setflags(write=False)
    return Segment(**arrays)
