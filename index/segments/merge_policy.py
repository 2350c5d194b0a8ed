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
"""Part of a segment's rows that may be dead before it is written anew."""

Held = tuple[Segment, Bool]
"""A segment and which of its rows are live."""


def bury(held: Held, documents: Int64) -> Held:
    """Return the segment with the documents' rows dead."""
    segment, alive = held
    dead = np.flatnonzero(np.isin(segment.document_key, documents))
    if not len(dead):
        return held
    alive = alive.copy()
    for at in dead:
        alive[segment.document_start[at] : segment.document_start[at + 1]] = False
    return segment, alive


def joined_tail(segments: Sequence[Held], frozen: Sequence[Held]) -> tuple[Held, ...]:
    """Merge the youngest segments while they are very small and nobody else is merging them."""
    held = list(segments)
    busy = {id(segment) for segment, _ in frozen}
    while len(held) > 1 and not busy & {id(segment) for segment, _ in held[-2:]}:
        elder, younger = held[-2:]
        small = elder[0].rows + younger[0].rows < INLINE
        if not small or _live(younger) * GROWTH < _live(elder):
            break
        held[-2:] = _whole(Segment.merge([elder, younger]))
    return tuple(held)


def due_for_merge(segments: Sequence[Held]) -> tuple[Held, ...]:
    """Return the segments that one merge should replace now; none when all is well.

    Those are the longest run of youngest segments that has caught up with its elder, with that
    elder; else the segments with many dead rows.
    """
    sizes = [_live(held) for held in segments]
    first, younger = len(segments), 0
    for at in range(len(segments) - 1, 0, -1):
        younger += sizes[at]
        if younger * GROWTH >= sizes[at - 1]:
            first = at - 1
    if first < len(segments):
        return tuple(segments[first:])
    pairs = zip(segments, sizes, strict=True)
    return tuple(held for held, size in pairs if size < (1 - DEAD) * held[0].rows)


def uncompacted(segments: Sequence[Held]) -> tuple[Held, ...]:
    """Return every segment, unless they are one already, without a dead row."""
    if len(segments) == 1 and segments[0][1].all():
        return ()
    return tuple(segments)


def swapped(segments: Sequence[Held], chosen: Sequence[Held], merged: Segment) -> tuple[Held, ...]:
    """Put a merge's result where the eldest of the segments it was made of stands.

    Documents whose rows have died since the merge began are dead in the result too.
    """
    now = {id(segment): alive for segment, alive in segments}
    gone = [
        segment.document_key[segment.document[then & ~now[id(segment)]]] for segment, then in chosen
    ]
    held = [bury(one, np.unique(np.concatenate(gone))) for one in _whole(merged)]
    replaced = {id(segment) for segment, _ in chosen}
    at = next(i for i, (segment, _) in enumerate(segments) if id(segment) in replaced)
    after = [one for one in segments[at:] if id(one[0]) not in replaced]
    return (*segments[:at], *held, *after)


def _whole(segment: Segment) -> list[Held]:
    return [(segment, np.ones(segment.rows, dtype=np.bool_))] if segment.rows else []


def _live(held: Held) -> int:
    return int(held[1].sum())
