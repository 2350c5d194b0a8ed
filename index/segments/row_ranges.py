"""The ranges of rows that a scope may read in one segment; a search reaches no others."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from index.kernels.vector_kernels import Bool, Int64, count_alive
from index.segments.segment import Segment


@dataclass(frozen=True)
class Slice:
    """The readable rows of one segment: from ``starts[i]`` to ``ends[i]``, sorted and disjoint.

    Counts are taken once: neither the segment nor the arrays ever change.
    """

    segment: Segment
    alive: Bool
    """(n,) false for rows whose document was deleted, replaced or moved."""
    starts: Int64
    ends: Int64

    @cached_property
    def size(self) -> int:
        """Rows in the ranges, dead ones included."""
        return int((self.ends - self.starts).sum())

    @cached_property
    def before(self) -> Int64:
        """Rows in the ranges before each range, dead ones included."""
        sizes = self.ends - self.starts
        before: Int64 = np.cumsum(sizes) - sizes
        return before

    @cached_property
    def whole(self) -> bool:
        """True if every row is live."""
        return self.count[0] == self.size

    def halves(self) -> "tuple[Slice, Slice]":
        """Cut the ranges into two slices of about equal size."""
        before = np.cumsum(self.ends - self.starts)
        at = int(np.searchsorted(before, self.size / 2))
        middle = int(self.ends[at] - (before[at] - self.size // 2))
        first = np.r_[self.ends[:at], middle].astype(np.int64)
        second = np.r_[middle, self.starts[at + 1 :]].astype(np.int64)
        return (
            Slice(self.segment, self.alive, self.starts[: at + 1], first),
            Slice(self.segment, self.alive, second, self.ends[at:]),
        )

    @cached_property
    def count(self) -> tuple[int, int]:
        """The number of live rows and their summed length in terms."""
        rows, length = count_alive(self.alive, self.segment.length, self.starts, self.ends)
        return int(rows), int(length)


def readable_slice(segment: Segment, alive: Bool, classes: Int64) -> Slice:
    """Return the ranges of the classes (sorted keys) in a segment, neighbours joined."""
    at = np.searchsorted(segment.class_key, classes)
    at = at[at < len(segment.class_key)] if len(segment.class_key) else at[:0]
    present = np.unique(at)
    present = present[np.isin(segment.class_key[present], classes, assume_unique=True)]
    return Slice(
        segment, alive, *_join(segment.class_start[present], segment.class_start[present + 1])
    )


def only_documents(readable: Slice, documents: Int64) -> Slice:
    """Narrow a slice to the rows of some documents (sorted keys)."""
    segment = readable.segment
    positions = np.flatnonzero(np.isin(segment.document_key, documents))
    starts, ends = segment.document_start[positions], segment.document_start[positions + 1]
    holder = np.searchsorted(readable.starts, starts, side="right") - 1
    inside = (
        (holder >= 0) & (ends <= readable.ends[np.maximum(holder, 0)])
        if len(readable.starts)
        else holder > 0
    )
    return Slice(segment, readable.alive, *_join(starts[inside], ends[inside]))


def _join(starts: Int64, ends: Int64) -> tuple[Int64, Int64]:
    """Join ranges that touch."""
    if not len(starts):
        return starts, ends
    gap = starts[1:] != ends[:-1]
    return starts[np.r_[True, gap]], ends[np.r_[gap, True]]
