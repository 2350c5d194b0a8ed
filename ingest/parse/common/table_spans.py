"""Cells of HTML tables that span rows or columns: each place gets the words that a reader sees."""

from typing import Any

_MOST_COLUMNS = 200
_MOST_CELLS = 10_000
"""A table that spans further is left as it is: it is no table that somebody reads."""
_LONGEST_COPY = 200
"""Characters of a cell that is repeated; a longer one, or one with a table, stands once."""


def spread_spans(table: Any) -> None:
    """Repeat a cell in every row and column that it spans; the table is changed in place."""
    rows = [row for row in table.iter("tr") if _table_of(row) is table]
    if not any(_has_span(cell) for row in rows for cell in row.iterchildren("td", "th")):
        return
    grid = _grid(rows)
    if grid is None:
        return
    for row, cells in zip(rows, grid, strict=True):
        for cell in list(row.iterchildren("td", "th")):
            row.remove(cell)
        row.extend(cells)


def lift_caption(table: Any) -> None:
    """Make a table's caption a paragraph above it."""
    for caption in list(table.iterchildren("caption")):
        table.remove(caption)
        caption.tag, caption.tail = "p", None
        table.addprevious(caption)


def _table_of(row: Any) -> Any:
    return next(row.iterancestors("table"))


def _has_span(cell: Any) -> bool:
    return "rowspan" in cell.attrib or "colspan" in cell.attrib


def _grid(rows: list[Any]) -> list[list[Any]] | None:
    """Return each row's cells, spanned places with copies; None where it grows too large."""
    grid_rows: list[dict[int, Any]] = [{} for _ in rows]
    total = 0
    for number, row in enumerate(rows):
        column = 0
        for cell in row.iterchildren("td", "th"):
            while column in grid_rows[number]:
                column += 1
            height = min(_span(cell, "rowspan"), len(rows) - number)
            width = min(_span(cell, "colspan"), _MOST_COLUMNS)
            total += height * width
            if total > _MOST_CELLS:
                return None
            for below in range(number, number + height):
                for right in range(column, column + width):
                    is_first = (below, right) == (number, column)
                    grid_rows[below].setdefault(right, cell if is_first else _copy_of(cell))
            column += width
    return [[cells[column] for column in sorted(cells)] for cells in grid_rows]


def _span(cell: Any, name: str) -> int:
    """Return how many rows or columns a cell takes; browsers read 0 rows as all that follow."""
    value = cell.get(name, "1").strip()
    if not (value.isascii() and value.isdigit()):
        return 1
    is_all_rows = name == "rowspan" and int(value) == 0
    return _MOST_CELLS if is_all_rows else max(1, int(value))


def _copy_of(cell: Any) -> Any:
    copy = cell.makeelement(cell.tag)
    words = "" if cell.find(".//table") is not None else cell.text_content()
    copy.text = words if len(words) <= _LONGEST_COPY else ""
    return copy
