"""Cells of a sheet that span rows and columns: each place gets what stands in the first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_MOST_COLUMNS = 200
_MOST_ROWS = 10_000
_MOST_CELLS = 1_000_000
"""Copies in one sheet; merges beyond them stay as they are."""
_LONGEST_COPY = 200
"""Characters of a cell that is repeated; a longer one stands once."""


class Merge(NamedTuple):
    """A rectangle of cells that are one; rows and columns from 0, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def is_spread(self) -> bool:
        """Tell whether it is small enough to be part of a table that somebody reads."""
        return self.right - self.left < _MOST_COLUMNS and self.bottom - self.top < _MOST_ROWS


def spread_merges(rows: Iterable[list[str]], merges: Iterable[Merge]) -> Iterator[list[str]]:
    """Yield rows of shown values in which a merged cell stands in every place that it spans.

    A merged cell that is all that its rows hold, such as a title over a table, stands once.
    """
    starting: dict[int, list[Merge]] = defaultdict(list)
    for merge in merges:
        if merge.is_spread:
            starting[merge.top].append(merge)
    if not starting:
        yield from rows
        return
    active: list[tuple[Merge, str]] = []
    copies = 0
    for number, row in enumerate(rows):
        active = [(merge, text) for merge, text in active if merge.bottom >= number]
        for merge in starting.pop(number, ()):
            text = row[merge.left] if merge.left < len(row) else ""
            if text and len(text) <= _LONGEST_COPY:
                active.append((merge, text))
        copies += sum(merge.right - merge.left + 1 for merge, _ in active)
        if copies > _MOST_CELLS:
            active.clear()
            starting.clear()
        yield _with_copies(row, number, active) if active else row


def _with_copies(row: list[str], number: int, active: list[tuple[Merge, str]]) -> list[str]:
    covered = {at for merge, _ in active for at in range(merge.left, merge.right + 1)}
    if not any(text and at not in covered for at, text in enumerate(row)):
        is_one_cell = sum(merge.top == number for merge, _ in active) <= 1
        if is_one_cell:
            return row
    width = max(len(row), max(covered) + 1)
    values = row + [""] * (width - len(row))
    for merge, text in active:
        values[merge.left : merge.right + 1] = [text] * (merge.right - merge.left + 1)
    return values
