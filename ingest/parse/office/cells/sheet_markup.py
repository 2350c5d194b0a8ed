"""Facts of a sheet's XML that openpyxl does not tell while it reads row by row.

They are merged cells, hidden rows and columns, and formulas whose value the file does not keep
(ECMA-376-1, 18.3.1.13, 18.3.1.40, 18.3.1.55, 18.3.1.73). Rows that an outline folds or a filter
leaves out are not hidden: a reader opens them with one click.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.parse.office.cells.merged_cells import Merge

_MERGE = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?\bref\s*=\s*[\"']\$?([A-Z]{1,3})\$?(\d{1,7})"
    rb":\$?([A-Z]{1,3})\$?(\d{1,7})[\"']"
)
_MOST_MERGES = 100_000
_HIDDEN = rb"hidden\s*=\s*[\"'](?:1|true)[\"']"
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*\b" + _HIDDEN + rb"[^<>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s[^<>]*\b" + _HIDDEN + rb"[^<>]*>")
_FOLDED = re.compile(rb"\boutlineLevel\s*=\s*[\"'][1-9]")
_NUMBER = re.compile(rb"\br\s*=\s*[\"'](\d{1,7})[\"']")
_FROM = re.compile(rb"\bmin\s*=\s*[\"'](\d{1,5})[\"']")
_TO = re.compile(rb"\bmax\s*=\s*[\"'](\d{1,5})[\"']")
_FILTER = re.compile(
    rb"<(?:\w+:)?autoFilter\s[^<>]*?\bref\s*=\s*[\"']\$?[A-Z]{1,3}\$?(\d{1,7})"
    rb":\$?[A-Z]{1,3}\$?(\d{1,7})[\"'][^<>]*(?<!/)>"
)
_UNKEPT = re.compile(
    rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_LETTERS = 26


@dataclass(frozen=True, slots=True)
class SheetMarkup:
    """Merged and hidden places of a sheet; rows and columns count from 0."""

    merges: tuple[Merge, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    has_rich_text: bool = False
    """Whether letters within a cell may be struck out or raised."""
    has_unkept_formulas: bool = False
    """Whether a formula may stand in it whose value is not kept."""


def has_rich_text(xml: bytes) -> bool:
    """Tell whether letters within the strings of a part may be struck out or raised."""
    return b"strike" in xml or b"vertAlign" in xml


def read_markup(xml: bytes) -> SheetMarkup:
    """Return the facts of a sheet's part."""
    head, _, _ = xml.partition(b"sheetData")
    return SheetMarkup(
        tuple(_merges(xml)),
        frozenset(_hidden_rows(xml)),
        frozenset(_hidden_columns(head)),
        has_rich_text=has_rich_text(xml),
        has_unkept_formulas=_UNKEPT.search(xml) is not None,
    )


def _merges(xml: bytes) -> Iterator[Merge]:
    for count, match in enumerate(_MERGE.finditer(xml)):
        if count >= _MOST_MERGES:
            return
        left, top, right, bottom = match.groups()
        yield Merge(int(top) - 1, _column(left), int(bottom) - 1, _column(right))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * _LETTERS + letter - ord("A") + 1
    return number - 1


def _hidden_rows(xml: bytes) -> Iterator[int]:
    match = _FILTER.search(xml)
    filtered = range(int(match[1]), int(match[2]) + 1) if match else range(0)
    for row in _ROW.finditer(xml):
        number = _NUMBER.search(row.group())
        if number and not _FOLDED.search(row.group()) and int(number[1]) not in filtered:
            yield int(number[1]) - 1


def _hidden_columns(head: bytes) -> Iterator[int]:
    for column in _COLUMN.finditer(head):
        first, last = _FROM.search(column.group()), _TO.search(column.group())
        if first and last and not _FOLDED.search(column.group()):
            yield from range(int(first[1]) - 1, min(int(last[1]), 1 << 14))
