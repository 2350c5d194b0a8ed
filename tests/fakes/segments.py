"""Segments built from vectors and classes alone, for tests that need no store."""

import numpy as np

from index.segments.segment import IndexedChunk, Segment, tie_of


def segment_of(vectors, classes):
    """Build a segment; row ``i`` is chunk ``i`` of document ``i``, in class ``classes[i]``."""
    tie = tie_of("00" * 32, "x")
    chunks = [
        IndexedChunk(at, at, group, tie, 0, row.tobytes(), ())
        for at, (group, row) in enumerate(zip(classes, vectors.astype("<f2"), strict=True))
    ]
    return Segment.build(chunks, vectors.shape[1])


def unit(rows):
    """Return the rows with length 1, as float32."""
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
