"""Boxes on a page in the order in which people read them: from the top, then from the left.

The page is cut along empty strips: first into bands one below the other, then a band into columns,
and so on; boxes that no strip parts go by their corners.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Box(NamedTuple):
    """A box with its place in the order in which it was made."""

    ordinal: int
    left: int
    top: int
    right: int
    bottom: int


_ROWS = (2, 4)
_COLUMNS = (1, 3)
"""The fields of a box between which it stands in a row, in a column."""
_DEEPEST = 50
_OVERLAP = 0.2
"""Share of the lower of two boxes by which they may reach into one another and stay apart."""


def in_reading_order(boxes: Sequence[Box], depth: int = 0) -> list[Box]:
    """Return boxes in reading order."""
    if len(boxes) < 2 or depth > _DEEPEST:  # noqa: PLR2004
        return _by_corners(boxes)
    for start, end in (_ROWS, _COLUMNS):
        bands = _bands(boxes, start, end)
        if len(bands) > 1:
            return [box for band in bands for box in in_reading_order(band, depth + 1)]
    return _by_corners(boxes)


def _by_corners(boxes: Sequence[Box]) -> list[Box]:
    return sorted(boxes, key=lambda box: (box.top, box.left, box.ordinal))


def _bands(boxes: Sequence[Box], start: int, end: int) -> list[list[Box]]:
    """Group boxes that share a strip; ``start`` and ``end`` are the fields of its sides."""
    bands: list[list[Box]] = []
    reach = 0.0
    for box in sorted(boxes, key=lambda box: (box[start], box.ordinal)):
        slack = _OVERLAP * (box[end] - box[start])
        if bands and box[start] + slack < reach:
            bands[-1].append(box)
            reach = max(reach, box[end])
        else:
            bands.append([box])
            reach = max(reach, box[end])
    return bands
