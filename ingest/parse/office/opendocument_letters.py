"""Letters of OpenDocument files as they are seen, by the styles of their runs and paragraphs.

Source: OASIS ODF 1.3, part 3: 16 (styles), 20.380 (text-position).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT
from ingest.parse.common.raised_text import blank_after, sign_before
from ingest.parse.office.cells.number_formats import general, show

_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LOWERED = re.compile(r"\s*(?:sub|-\d)")
_RAISED = re.compile(r"\s*(?:super|[1-9]\d*%)")
_DURATION = re.compile(r"(-?)P(?:(\d{1,6})D)?T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})[\d.,]*S)?")
_DEEPEST_STYLE = 20
_UNSEEN_ROWS = frozenset(("collapse",))


@dataclass(frozen=True, slots=True)
class _Style:
    mark: str = ""
    """Stands for text that the style strikes out or hides."""
    position: str | None = None


class OdfStyles:
    """The styles of a document that change which letters are seen, and how."""

    def __init__(self, *trees: Any) -> None:
        styles = [style for tree in trees for style in tree.iter(f"{_STYLE}style")]
        own = {style.get(f"{_STYLE}name", ""): _style(style) for style in styles}
        parents = {
            style.get(f"{_STYLE}name", ""): style.get(f"{_STYLE}parent-style-name")
            for style in styles
        }
        self._styles = {name: _resolved(name, own, parents) for name in own}
        self._hidden_tables = {
            style.get(f"{_STYLE}name", "")
            for style in styles
            for properties in style.findall(f"{_STYLE}table-properties")
            if properties.get(f"{_TABLE}display") == "false"
        }

    def mark(self, element: Any) -> str:
        """Return the mark for text that an element's style strikes out or hides, else nothing."""
        name = element.get(f"{_TEXT}style-name") or element.get(f"{_TABLE}style-name") or ""
        style = self._styles.get(name)
        return style.mark if style else ""

    def position(self, element: Any) -> str | None:
        """Return ``superscript`` or ``subscript`` where an element's style raises or lowers it."""
        style = self._styles.get(element.get(f"{_TEXT}style-name") or "")
        return style.position if style else None

    def hides_table(self, table: Any) -> bool:
        """Tell whether a sheet is hidden."""
        return table.get(f"{_TABLE}style-name") in self._hidden_tables


def _style(style: Any) -> _Style:
    properties = style.find(f"{_STYLE}text-properties")
    if properties is None:
        return _Style()
    line = properties.get(f"{_STYLE}text-line-through-style") or properties.get(
        f"{_STYLE}text-line-through-type"
    )
    is_struck = line not in (None, "none")
    is_hidden = properties.get(f"{_TEXT}display") == "none"
    place = properties.get(f"{_STYLE}text-position", "")
    position = (
        "subscript" if _LOWERED.match(place) else "superscript" if _RAISED.match(place) else None
    )
    return _Style(INVISIBLE if is_hidden else STRUCK_OUT if is_struck else "", position)


def _resolved(name: str, own: dict[str, _Style], parents: dict[str, str | None]) -> _Style:
    style, parent = own[name], parents.get(name)
    for _ in range(_DEEPEST_STYLE):
        if parent is None or parent not in own:
            break
        base = own[parent]
        style = _Style(style.mark or base.mark, style.position or base.position)
        parent = parents.get(parent)
    return style


def span_text(text: str, position: str | None, before: str, following: str) -> str:
    """Return a raised or lowered span's text with what keeps it from joining numbers beside it."""
    return sign_before(text, position, before) + text + blank_after(text, following)


def is_hidden_row(row: Any) -> bool:
    """Tell whether a row or column is hidden; what a filter leaves out is not."""
    return row.get(f"{_TABLE}visibility") in _UNSEEN_ROWS


def hidden_columns(table: Any, most: int) -> Iterator[int]:
    """Yield the numbers of hidden columns, from 0, among the first ``most``."""
    number = 0
    for column in table.iter(f"{_TABLE}table-column"):
        repeats = column.get(f"{_TABLE}number-columns-repeated", "1")
        count = int(repeats) if repeats.isascii() and repeats.isdigit() else 1
        if is_hidden_row(column):
            yield from range(number, min(number + count, most))
        number += count
        if number >= most:
            return


def value_of_cell(cell: Any) -> str:
    """Return the value of a cell whose file keeps no shown text."""
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind == "string":
        return str(cell.get(f"{_OFFICE}string-value", ""))
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value", "")).upper()
    if kind == "date":
        return str(cell.get(f"{_OFFICE}date-value", "")).replace("T", " ").removesuffix(" 00:00:00")
    if kind == "time":
        return _clock(cell.get(f"{_OFFICE}time-value", ""))
    return _number(kind, cell.get(f"{_OFFICE}value", ""), cell.get(f"{_OFFICE}currency", ""))


def _number(kind: str, text: str, currency: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return str(text)
    if kind == "percentage":
        return show(number, "0.##%").replace(".%", "%")
    return f"{general(number)} {currency}".strip()


def _clock(duration: str) -> str:
    match = _DURATION.match(duration)
    if not match:
        return duration
    days, hours, minutes, seconds = (int(group or 0) for group in match.groups()[1:])
    tail = f":{seconds:02d}" if seconds else ""
    return f"{match.group(1)}{days * 24 + hours}:{minutes:02d}{tail}"
