"""Word boxes, packed: 28 bytes a word before compression."""

import zlib
from collections.abc import Iterable, Sequence

import numpy as np

from index.types import TextBox

_ROW = np.dtype(
    [("start", "<i4"), ("end", "<i4"), ("page", "<i4")]
    + [(name, "<f4") for name in ("x0", "y0", "x1", "y1")]
)


def pack_layout(boxes: Sequence[tuple[int, int, int, float, float, float, float]]) -> bytes:
    """Serialise boxes that are in text order: start, end, page, x0, y0, x1, y1."""
    return zlib.compress(np.array(list(map(tuple, boxes)), dtype=_ROW).tobytes(), 6)


def unpack_span(packed_layout: bytes, start: int, end: int) -> list[TextBox]:
    """Return the boxes that touch ``[start, end)``, in text order."""
    rows = np.frombuffer(zlib.decompress(packed_layout), dtype=_ROW)
    touched = rows[(rows["start"] < end) & (rows["end"] > start)]
    return [
        TextBox(
            int(r["start"]),
            int(r["end"]),
            int(r["page"]),
            *(float(r[n]) for n in ("x0", "y0", "x1", "y1")),
        )
        for r in touched
    ]


def line_boxes(words: Iterable[TextBox]) -> list[TextBox]:
    """Join the boxes of words that follow each other on one line."""
    lines: list[TextBox] = []
    for word in words:
        last = lines[-1] if lines else None
        if last is not None and _same_line(last, word):
            lines[-1] = TextBox(
                last.start, word.end, last.page,
                min(last.x0, word.x0), min(last.y0, word.y0),
                max(last.x1, word.x1), max(last.y1, word.y1),
            )  # fmt: skip
        else:
            lines.append(word)
    return lines


def _same_line(line: TextBox, word: TextBox) -> bool:
    middle = (word.y0 + word.y1) / 2
    return line.page == word.page and line.y0 <= middle <= line.y1 and word.x0 >= line.x0
