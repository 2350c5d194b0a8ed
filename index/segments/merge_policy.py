"""Which segments are merged, and how a merge's result takes their place."""

from collections.abc import Sequence

import numpy as np

from index.kernels.vector_kernels import Bool, Int64
from index.segments.segment import Segment

GROWTH = 4
"""Segments are merged into their elder once they are a quarter of its size, so few are kept."""

INLINE = 2_000
"""Rows up to which a replay merges by itself: a few milliseconds of a reader's time."""

DEAD = 0.2
"""The share of a segment's rows that may be dead before it is rewritten."""

LiveSegment = tuple[Segment, Bool]
"""A segment, and for each of its rows whether it is live."""


def mark_dead(live_segment: LiveSegment, documents: Int64) -> LiveSegment:
    """Return the segment with the documents' rows dead."""
    segment, alive = live_segment
    dead = np.flatnonzero(np.isin(segment.document_key, documents))
    if not len(dead):
        return live_segment
    alive = alive.copy()
    for at in dead:
        alive[segment.document_start[at] : segment.document_start[at + 1]] = False
    return segment, alive


def join_tail(
    segments: Sequence[LiveSegment], frozen: Sequence[LiveSegment]
) -> tuple[LiveSegment, ...]:
    """Merge the youngest segments while they are very small and nobody else is merging them."""
    tail = list(segments)
    busy = {id(segment) for segment, _ in frozen}
    while len(tail) > 1 and not busy & {id(segment) for segment, _ in tail[-2:]}:
        elder, younger = tail[-2:]
        is_small = elder[0].rows + younger[0].rows < INLINE
        if not is_small or _live(younger) * GROWTH < _live(elder):
            break
        tail[-2:] = _whole(Segment.merge([elder, younger]))
    return tuple(tail)


def due_for_merge(segments: Sequence[LiveSegment]) -> tuple[LiveSegment, ...]:
    """Return the segments that one merge should replace now; none when all is well.

    Those are the longest run of youngest segments that has caught up with its elder, with that
    elder; else the segments with many dead rows.
    """
    sizes = [_live(live_segment) for live_segment in segments]
    first, younger = len(segments), 0
    for at in range(len(segments) - 1, 0, -1):
        younger += sizes[at]
        if younger * GROWTH >= sizes[at - 1]:
            first = at - 1
    if first < len(segments):
        return tuple(segments[first:])
    pairs = zip(segments, sizes, strict=True)
    return tuple(
        live_segment for live_segment, size in pairs if size < (1 - DEAD) * live_segment[0].rows
    )


def segments_to_compact(segments: Sequence[LiveSegment]) -> tuple[LiveSegment, ...]:
    """Return every segment, unless they are one already, without a dead row."""
    if len(segments) == 1 and segments[0][1].all():
        return ()
    return tuple(segments)


def swap_segments(
    segments: Sequence[LiveSegment], merge_sources: Sequence[LiveSegment], merged_segment: Segment
) -> tuple[LiveSegment, ...]:
    """Put a merge's result where the eldest of the segments it was made of stands.

    Documents whose rows have died since the merge began are dead in the result too.
    """
    alive_now = {id(segment): alive for segment, alive in segments}
    dead_documents = [
        segment.document_key[segment.document[was_alive & ~alive_now[id(segment)]]]
        for segment, was_alive in merge_sources
    ]
    merged_segments = [
        mark_dead(one, np.unique(np.concatenate(dead_documents))) for one in _whole(merged_segment)
    ]
    replaced = {id(segment) for segment, _ in merge_sources}
    at = next(i for i, (segment, _) in enumerate(segments) if id(segment) in replaced)
    after = [one for one in segments[at:] if id(one[0]) not in replaced]
    return (*segments[:at], *merged_segments, *after)


def _whole(segment: Segment) -> list[LiveSegment]:
    return [(segment, np.ones(segment.rows, dtype=np.bool_))] if segment.rows else []


def _live(live_segment: LiveSegment) -> int:
    return int(live_segment[1].sum())
