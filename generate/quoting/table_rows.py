"""A row of a table with its header: which cells name it, and which cell answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from generate.types import Span
from index.text.analyzer import analyse
from index.text.table_headers import CELL_GAP, cells_of, joined_header

_CELL = CELL_GAP
_STEP = " > "
"""Between two headings of a chunk's context."""
_LEAST_SHARE = 0.5
"""A cell is a key where the question has so much of it, by the rarity of its words."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row, as cells, under the names of its columns."""

    cells: tuple[str, ...]
    header: tuple[str, ...] = ()
    """Names of the columns; empty where none are known."""

    @property
    def spoken(self) -> str:
        """The row as one would read it out: each cell after the name of its column."""
        if len(self.header) != len(self.cells):
            return ", ".join((*self.header, *self.cells))
        pairs = zip(self.header, self.cells, strict=True)
        return ", ".join(f"{name} {cell}".strip() for name, cell in pairs)

    def place(self, column: int) -> Span:
        """Return where a cell stands in the row's own text."""
        start = sum(len(cell) + len(_CELL) for cell in self.cells[:column])
        start -= bool(column and not self.cells[0])  # a row that begins with an empty cell
        return Span(start, start + len(self.cells[column]))


@dataclass(frozen=True, slots=True)
class CellMatch:
    """How a question finds a row, and the cell that it asks for."""

    key: float = 0.0
    """Rarity of the question's words that name this row."""
    column: int | None = None
    """The cell that answers, where a column is named too."""


def header_in_context(context: str) -> tuple[str, ...]:
    """Return the header that a chunk was indexed with, where it begins within a table."""
    last = context.rpartition(_STEP)[2]
    return cells_of(last) if _CELL in f" {last} " else ()


def caption_in_context(context: str) -> str:
    """Return what a chunk that begins within a table was indexed with: headings and caption."""
    return context.rpartition(_STEP)[0].replace(_STEP, "\n")


def holds_data(cells: Sequence[str]) -> bool:
    """Tell whether a row is no header: half of its cells have a digit, and are no years."""
    digits = sum(any(c.isdigit() for c in cell) and not _is_year(cell) for cell in cells)
    return len(cells) > 1 and 2 * digits >= len(cells)


def match_row(
    row: TableRow, question_terms: Collection[str], rarity: Mapping[str, float]
) -> CellMatch:
    """Look for a cell that the question names, and for the column that it asks for.

    ``rarity`` is of the terms of the question and of all rows, over the rows of the same evidence.
    """
    keys = {
        column: _key(cell, row, column, question_terms, rarity)
        for column, cell in enumerate(row.cells)
    }
    key_columns = {column for column, value in keys.items() if value > 0}
    if not key_columns:
        return CellMatch()
    covered = {term for column in key_columns for term in analyse(row.cells[column])}
    column = _column(row, key_columns, frozenset(question_terms) - covered)
    return CellMatch(fsum(keys[column] for column in sorted(key_columns)), column)


def _key(
    cell: str,
    row: TableRow,
    column: int,
    question_terms: Collection[str],
    rarity: Mapping[str, float],
) -> float:
    """Return the rarity of the cell's words that are asked for, 0 where they are too few."""
    terms = dict.fromkeys(analyse(cell))
    if not terms:
        return 0.0
    shared_terms = [term for term in terms if term in question_terms]
    if cell.replace(".", "").replace(",", "").isdigit() and not _is_year(cell):
        name = analyse(row.header[column]) if column < len(row.header) else []
        if not set(name) & set(question_terms):
            return 0.0
    highest = max(rarity.values(), default=1.0)
    total = fsum(rarity.get(term, highest) for term in terms)
    value = fsum(rarity.get(term, 0.0) for term in shared_terms)
    return value if total and value >= _LEAST_SHARE * total - _ROUNDING else 0.0


_ROUNDING = 1e-9
_YEAR = 4


def _is_year(cell: str) -> bool:
    return len(cell) == _YEAR and cell[:2] in ("15", "16", "17", "18", "19", "20")


def _column(row: TableRow, keys: Collection[int], open_terms: frozenset[str]) -> int | None:
    """Return the column whose name shares most with the question, the row's keys left out."""
    best, most = None, 0.0
    for column, name in enumerate(row.header[: len(row.cells)]):
        terms = set(analyse(name))
        share = len(terms & open_terms) / len(terms) if terms else 0.0
        if column not in keys and share > most:
            best, most = column, share
    return best


def headers(texts: Sequence[str], are_headers: Sequence[bool]) -> list[tuple[int, int] | None]:
    """Return, for each text, the first and the last header row above it; none outside tables."""
    above: tuple[int, int] | None = None
    places: list[tuple[int, int] | None] = []
    for place, text in enumerate(texts):
        above = above if _is_row(text) else None
        if are_headers[place]:
            places.append(None)
            above = (above[0] if above else place, place)
        else:
            places.append(above)
    return places


def header_of(texts: Sequence[str], rows: tuple[int, int]) -> tuple[str, ...]:
    """Return the names of the columns that one header row gives, or two together."""
    first, last = (texts[place] for place in rows)
    return joined_header(first, last) or cells_of(last)


def _is_row(text: str) -> bool:
    return _CELL in f" {text} "
