"""Find columns of prose, and tables without ruled lines, on a page of a PDF.

Looked at is the order in which the file draws. Lines that follow each other there and stand beside
each other on the page are a row. Several rows whose cells stand below one another are a table where
the cells are short; where they are prose, they were columns drawn across, and are read downwards.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import mean
from typing import NamedTuple

from ingest.parse.pdf.lines import TextLine, is_mark
from ingest.parse.pdf.ruled_tables import RuledTable, gaps

_GUTTER = 1.0
"""White between two cells of a row, in ems."""
_LEAST_ROWS = 3
_PROSE = 6.0
"""Words in a part, on average, from which on it is a line of prose."""
_SHORT_PROSE = 3.5
"""Words in a cell, on average, from which on prose in narrow columns is looked for."""
_GOES_ON = 0.45
"""The share of cells that begin with a small letter, as the middle of a sentence does."""
_PITCH = 3.0
"""Ems from one row to the next within a table."""

_CLOSE = 1.7
"""Ems from a row to a line that may belong to only one of its columns."""


_GLUED = ",.;:)]}=+<>"
_MOST_GLUED = 0.1
"""The share of cells that may begin with a sign that never begins a cell."""


class Row(NamedTuple):
    """Lines that stand beside each other, and their cells where there is much white in a line."""

    lines: list[TextLine]
    cells: list[TextLine]


def arrange_lines(lines: Sequence[TextLine]) -> list[TextLine | RuledTable]:
    """Return a page's lines, those of a table as one, those of columns one column after another."""
    items: list[TextLine | RuledTable] = []
    run: list[Row] = []
    for row in _rows(lines):
        if run and not _follows(run[-1], row):
            items += _arrange_run(run)
            run = []
        if run or len(row.cells) > 1:
            run.append(row)
        else:
            items += row.lines
    return items + _arrange_run(run)


def _rows(lines: Sequence[TextLine]) -> Iterator[Row]:
    row = Row([], [])
    for line in lines:
        before = row.lines[-1] if row.lines else None
        is_level = before is not None and not (before.turn or line.turn)
        is_beside = is_level and before and abs(line.base - before.base) < 0.5 * line.size
        if before is not None and not (is_beside and line.left > before.right - 0.2 * line.size):
            yield row
            row = Row([], [])
        row.lines.append(line)
        row.cells.extend(_cells_of(line))
    if row.lines:
        yield row


def _cells_of(line: TextLine) -> list[TextLine]:
    white = gaps(line.words, line.frame)
    wide = [i + 1 for i, gap in enumerate(white) if gap > _GUTTER * line.size]
    if not wide:
        return [line]
    bounds = [0, *wide, len(line.words)]
    return [
        TextLine(
            line.frame, line.words[a:b], line.size, line.bold, line.hyphenated and b == bounds[-1]
        )
        for a, b in pairwise(bounds)
    ]


def _follows(before: Row, row: Row) -> bool:
    step = row.lines[0].base - before.lines[0].base
    size = max(row.lines[0].size, before.lines[0].size)
    return 0 < step < (_PITCH if len(row.cells) > 1 and len(before.cells) > 1 else _CLOSE) * size


def _arrange_run(run: list[Row]) -> list[TextLine | RuledTable]:
    """Decide what rows of several cells are; lines alone at the end belong to what follows."""
    items: list[TextLine | RuledTable] = []
    after: list[TextLine | RuledTable] = []
    while run:
        end = max((i for i, row in enumerate(run, start=1) if len(row.cells) > 1), default=0)
        bounds = _bounds([row.cells for row in run[:end] if len(row.cells) > 1])
        if _is_prose([row.cells for row in run[:end] if len(row.cells) > 1], len(bounds)):
            end = _end_of_columns(run, end, bounds)
        after = [*(line for row in run[end:] for line in row.lines), *after]
        run = run[:end]
        across = (
            i
            for i, row in enumerate(run)
            if len(row.cells) == 1 and _count_touching(row.cells[0], bounds) > 1
        )
        cut_row = next(across, None)
        if cut_row is None:
            items += _cells_or_lines(run, bounds)
            break
        items += [*_arrange_run(run[:cut_row]), *run[cut_row].lines]
        run = run[cut_row + 1 :]
    return items + after


def _cells_or_lines(
    run: list[Row], bounds: Sequence[tuple[float, float]]
) -> list[TextLine | RuledTable]:
    as_drawn: list[TextLine | RuledTable] = [line for row in run for line in row.lines]
    several = [row.cells for row in run if len(row.cells) > 1]
    if len(bounds) < 2 or len(several) < _LEAST_ROWS:  # noqa: PLR2004
        return as_drawn
    placed = [_cells_by_column(row.cells, bounds) for row in run]
    if _is_prose(several, len(bounds)):
        return [
            cell_line for cells in zip(*placed, strict=True) for cell in cells for cell_line in cell
        ]
    if len(bounds) == 2 and mean(is_mark(cell_lines[0].text) for cell_lines in several) > 0.5:  # noqa: PLR2004
        return as_drawn  # a list whose marks stand apart
    if (
        mean(cell_line.text[0] in _GLUED for cell_lines in several for cell_line in cell_lines)
        > _MOST_GLUED
    ):
        return as_drawn  # formulas
    return [RuledTable(run[0].lines[0].frame, placed)]


def _is_prose(rows: Sequence[Sequence[TextLine]], columns: int) -> bool:
    """Tell whether cells are lines of prose: long ones, or ones that go on in the next row."""
    if not rows or columns > 3:  # noqa: PLR2004
        return False
    words = mean(len(cell.words) for row in rows for cell in row)
    if words >= _PROSE:
        return True
    later_cells = [cell for row in rows[1:] for cell in row]
    if words < _SHORT_PROSE or not later_cells:
        return False
    return mean(cell.text[0].islower() for cell in later_cells) >= _GOES_ON


def _end_of_columns(run: Sequence[Row], end: int, bounds: Sequence[tuple[float, float]]) -> int:
    """Return where columns of prose end: one of them may have a few lines more."""
    while end < len(run):
        line = run[end].cells[0]
        column = [b for b in bounds if line.left < b[1] and b[0] < line.right]
        if len(column) != 1 or line.right > column[0][1] + line.size or line.starts_item:
            break
        end += 1
    return end


def _count_touching(line: TextLine, bounds: Sequence[tuple[float, float]]) -> int:
    return sum(line.left < right and left < line.right for left, right in bounds)


def _bounds(run: list[list[TextLine]]) -> list[tuple[float, float]]:
    """Return the left and right ends of the columns, by the rows with the usual number of cells."""
    if not run:
        return []
    most = max(len(row) for row in run)
    full = [row for row in run if len(row) == most]
    if len(full) < max(2, 0.4 * len(run)):
        counts = sorted(len(row) for row in run)
        most = counts[len(counts) // 2]
        full = [row for row in run if len(row) == most]
    columns: list[tuple[float, float]] = []
    for left, right in sorted((line.left, line.right) for row in full for line in row):
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(right, columns[-1][1]))
        else:
            columns.append((left, right))
    return columns if len(columns) == most else []


def _cells_by_column(
    row: Sequence[TextLine], bounds: Sequence[tuple[float, float]]
) -> list[list[TextLine]]:
    """Return the row's cells column by column; a cell over several columns is in the first."""
    cells: list[list[TextLine]] = [[] for _ in bounds]
    for line in row:
        shared_widths = [min(line.right, right) - max(line.left, left) for left, right in bounds]
        near = [-abs(line.left - left) for left, _ in bounds]
        touching = [i for i, width in enumerate(shared_widths) if width > 0]
        column = touching[0] if touching else near.index(max(near))
        cells[column].append(line)
    return cells
