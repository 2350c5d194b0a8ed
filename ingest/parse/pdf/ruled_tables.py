"""Tables that are drawn with lines: a page's rules to cells, its words to the cells.

Rules that touch make one drawing. Its vertical rules bound columns, its horizontal ones rows; where
the wall between two cells is missing, they are one cell, and its text stands in each place that it
covers, so that every row says what it is about when rows are read apart.
"""

import ctypes
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ingest.parse.pdf.lines import Frame, TextLine, Word

_PATH, _FORM = 2, 5
_MOST_OBJECTS = 20_000
_MOST_RULES = 2_000
"""More than this is a drawing or a map."""
_THIN = 4.0
"""Points: what is thinner is a rule, what is not may be the filled ground of a cell."""
_NEAR = 3.0
"""Points between rules that count as touching, and between edges that count as one."""
_MOST_SIDES = 80
_FILLED = 0.4
"""The share of a table's places that hold something; drawings hold little."""
_LEAST_SEPARATE_CELLS = 0.4
"""The share of a table's places that are cells of their own.

In a drawing, few places have rules on all sides.
"""
_REPEATED = 60
"""Characters of a joined cell that may stand in each of its places; more stands in the first."""


class RulingLine(NamedTuple):
    """A horizontal (``flat``) or vertical rule: where it is, from where to where, in points."""

    flat: bool
    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class RuledTable:
    """Rows of cells, each the lines in it; all rows have as many cells."""

    frame: Frame
    rows: list[list[list[TextLine]]]


def ruling_lines_of_page(page: Any, frame: Frame, page_boxes: Any) -> list[RulingLine]:
    """Return the rules that a page's own drawing objects show, from the page's top left."""
    import pypdfium2.raw as pdfium

    boxes: list[tuple[float, float, float, float]] = []
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for i in range(min(_MOST_OBJECTS, pdfium.FPDFPage_CountObjects(page.raw))):
        thing = pdfium.FPDFPage_GetObject(page.raw, i)
        if pdfium.FPDFPageObj_GetType(thing) == _PATH and pdfium.FPDFPageObj_GetBounds(
            thing, left, bottom, right, top
        ):
            boxes.append((left.value, top.value, right.value, bottom.value))
    if len(boxes) >= _MOST_RULES or not boxes:
        return []
    shares = page_boxes.boxes(np.array(boxes, float))
    scaled = shares * [frame.width, frame.height, frame.width, frame.height]
    return [rule for box in scaled.tolist() for rule in _rules_of_box(box, frame)]


def _rules_of_box(box: Sequence[float], frame: Frame) -> Iterable[RulingLine]:
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, y1 - y0
    if high <= _THIN < wide:
        yield RulingLine(True, (y0 + y1) / 2, x0, x1)
    elif wide <= _THIN < high:
        yield RulingLine(False, (x0 + x1) / 2, y0, y1)
    elif wide > _THIN and high > _THIN and wide * high < 0.8 * frame.width * frame.height:
        yield from (RulingLine(True, y, x0, x1) for y in (y0, y1))
        yield from (RulingLine(False, x, y0, y1) for x in (x0, x1))


def grids(lines: Sequence[TextLine], rules: Sequence[RulingLine]) -> list[TextLine | RuledTable]:
    """Return the lines with those inside drawn tables put into these."""
    items: list[TextLine | RuledTable] = list(lines)
    for drawing in _drawings(rules):
        grid = _Grid(drawing)
        if grid.is_table:
            items = grid.fill(items)
    return items


def _drawings(rules: Sequence[RulingLine]) -> list[list[RulingLine]]:
    """Group rules that touch, directly or through others; the largest group first."""
    parent = list(range(len(rules)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    flat = [i for i, rule in enumerate(rules) if rule.flat]
    steep = [i for i, rule in enumerate(rules) if not rule.flat]
    for i in flat:
        for j in steep:
            if _cross(rules[i], rules[j]):
                parent[root(i)] = root(j)
    groups: dict[int, list[RulingLine]] = {}
    for i, rule in enumerate(rules):
        groups.setdefault(root(i), []).append(rule)
    return sorted((g for g in groups.values() if len(g) > 3), key=len, reverse=True)  # noqa: PLR2004


def _cross(flat: RulingLine, steep: RulingLine) -> bool:
    return (
        flat.start - _NEAR <= steep.at <= flat.end + _NEAR
        and steep.start - _NEAR <= flat.at <= steep.end + _NEAR
    )


class _Grid:
    def __init__(self, rules: Sequence[RulingLine]) -> None:
        self._rules = rules
        self._xs = _edges(
            [r.at for r in rules if not r.flat] + [x for r in rules if r.flat for x in r[2:]]
        )
        self._ys = _edges(
            [r.at for r in rules if r.flat] + [y for r in rules if not r.flat for y in r[2:]]
        )

    @property
    def is_table(self) -> bool:
        """Tell whether there are several rows and columns, and not a drawing's very many."""
        return all(2 < len(sides) < _MOST_SIDES for sides in (self._xs, self._ys))  # noqa: PLR2004

    def fill(self, items: list[TextLine | RuledTable]) -> list[TextLine | RuledTable]:
        """Put the words into the cells; return all as it was where too few cells hold something."""
        by_cell: dict[tuple[int, int], list[TextLine]] = {}
        outside: list[TextLine | RuledTable] = []
        position = 0
        for item in items:
            lines_by_cell = (
                self._lines_by_cell(item) if isinstance(item, TextLine) else {None: [item]}
            )
            for cell, items_in_cell in lines_by_cell.items():
                if cell is None:
                    outside += items_in_cell
                    continue
                position = position if by_cell else len(outside)
                by_cell.setdefault(cell, []).extend(
                    p for p in items_in_cell if isinstance(p, TextLine)
                )
        rows = self._rows(by_cell) if by_cell else []
        cells = len(rows) * len(rows[0]) if rows else 0
        filled_cells = sum(bool(cell) for row in rows for cell in row)
        if len(rows) < 2 or cells < 2 * len(rows) or filled_cells < _FILLED * cells:  # noqa: PLR2004
            return items
        frame = next(iter(by_cell.values()))[0].frame
        return [*outside[:position], RuledTable(frame, rows), *outside[position:]]

    def _lines_by_cell(
        self, line: TextLine
    ) -> dict[tuple[int, int] | None, list[TextLine | RuledTable]]:
        words: dict[tuple[int, int] | None, list[Word]] = {}
        for word in line.words:
            words.setdefault(self._cell(word, line.frame), []).append(word)
        if len(words) == 1:
            return {cell: [line] for cell in words}
        return {cell: [_line_of(line, some)] for cell, some in words.items()}

    def _cell(self, word: Word, frame: Frame) -> tuple[int, int] | None:
        x = (word.x0 + word.x1) / 2 * frame.width
        y = (word.y0 + word.y1) / 2 * frame.height
        row, column = bisect_left(self._ys, y) - 1, bisect_left(self._xs, x) - 1
        is_inside = 0 <= row < len(self._ys) - 1 and 0 <= column < len(self._xs) - 1
        return (row, column) if is_inside else None

    def _rows(self, by_cell: dict[tuple[int, int], list[TextLine]]) -> list[list[list[TextLine]]]:
        high, wide = len(self._ys) - 1, len(self._xs) - 1
        first_positions = self._first_positions(high, wide)
        if len(set(first_positions.values())) < _LEAST_SEPARATE_CELLS * high * wide:
            return []
        texts: dict[tuple[int, int], list[TextLine]] = {}
        for cell in sorted(by_cell):
            texts.setdefault(first_positions[cell], []).extend(by_cell[cell])
        rows = []
        for row in range(high):
            firsts = [first_positions[row, column] for column in range(wide)]
            if row and not any(first[0] == row and first in texts for first in firsts):
                continue  # nothing begins here
            is_one_cell = len(set(firsts)) == 1  # one cell right across
            rows.append(
                [
                    texts.get(first, [])
                    if first == (row, column) or not (is_one_cell or _is_long(texts.get(first, [])))
                    else []
                    for column, first in enumerate(firsts)
                ]
            )
        return _without_empty(rows)

    def _first_positions(self, high: int, wide: int) -> dict[tuple[int, int], tuple[int, int]]:
        """Return the first place of the cell that each place belongs to."""
        first = {(row, column): (row, column) for row in range(high) for column in range(wide)}
        for row in range(high):
            for column in range(wide):
                middle = (self._xs[column] + self._xs[column + 1]) / 2
                across = (self._ys[row] + self._ys[row + 1]) / 2
                if column and not self._has_ruling(across, self._xs[column], flat=False):
                    first[row, column] = first[row, column - 1]
                elif row and not self._has_ruling(middle, self._ys[row], flat=True):
                    first[row, column] = first[row - 1, column]
        return first

    def _has_ruling(self, along: float, at: float, *, flat: bool) -> bool:
        return any(
            rule.flat == flat and abs(rule.at - at) <= _NEAR and rule.start <= along <= rule.end
            for rule in self._rules
        )


def _is_long(lines: Sequence[TextLine]) -> bool:
    return sum(len(line.text) + 1 for line in lines) > _REPEATED


def _edges(values: list[float]) -> list[float]:
    """Return the places of sides, those that are near each other as one."""
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > 2 * _NEAR:
            edges.append(value)
    return edges


def _line_of(line: TextLine, words: list[Word]) -> TextLine:
    last = line.hyphenated and words[-1] is line.words[-1]
    return TextLine(line.frame, tuple(words), line.size, bold=line.bold, hyphenated=last)


def _without_empty(rows: list[list[list[TextLine]]]) -> list[list[list[TextLine]]]:
    full_rows = [row for row in rows if any(row)]
    if not full_rows:
        return []
    columns = [i for i in range(len(full_rows[0])) if any(row[i] for row in full_rows)]
    return [[row[i] for i in columns] for row in full_rows]


def gaps(words: Sequence[Word], frame: Frame) -> list[float]:
    """Return the points of white between words that follow each other."""
    return [(b.x0 - a.x1) * frame.width for a, b in pairwise(words)]
