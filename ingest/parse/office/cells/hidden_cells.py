"""Rows and columns of a sheet that are hidden: left out, with a mark where they stood."""

from collections.abc import Iterable, Iterator

from ingest.parse.common.omissions import INVISIBLE


def without_hidden(
    rows: Iterable[list[str]], hidden_rows: frozenset[int], hidden_columns: frozenset[int]
) -> Iterator[list[str]]:
    """Yield rows without hidden rows and columns; a mark says where something was left out."""
    if not hidden_rows and not hidden_columns:
        yield from rows
        return
    is_omitted = False
    for number, row in enumerate(rows):
        if number in hidden_rows:
            is_omitted = is_omitted or any(row)
            continue
        values = _visible(row, hidden_columns)
        if is_omitted and any(values):
            values[0] = INVISIBLE + values[0]
            is_omitted = False
        yield values
    if is_omitted:
        yield [INVISIBLE]


def _visible(row: list[str], hidden_columns: frozenset[int]) -> list[str]:
    values: list[str] = []
    mark = ""
    for column, text in enumerate(row):
        if column not in hidden_columns:
            values.append(mark + text)
            mark = ""
        elif text:
            mark = INVISIBLE
    if mark and values:
        values[-1] += mark
    return values or [mark]
