"""Rows of a sheet of Excel 97 to 2003 as their reader sees them."""

from collections.abc import Iterator
from typing import Any

from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT
from ingest.parse.office.cells.hidden_cells import without_hidden
from ingest.parse.office.cells.merged_cells import Merge, spread_merges
from ingest.parse.office.cells.number_formats import GENERAL, hides_everything, show

_OF_THE_READERS_COUNTRY = {14: "yyyy-mm-dd", 22: "yyyy-mm-dd hh:mm"}
"""Formats that look otherwise in every country: their dates are written unmistakably."""


class XlsRows:
    """Reads the sheets of a workbook that xlrd has opened, with or without its formats."""

    def __init__(self, book: Any) -> None:
        self._book = book

    def rows(self, sheet: Any) -> Iterator[list[str]]:
        """Yield the shown values of each row."""
        lines = ([self._text(cell) for cell in row] for row in sheet.get_rows())
        merges = [
            Merge(top, left, bottom - 1, right - 1)
            for top, bottom, left, right in sheet.merged_cells
        ]
        return without_hidden(
            spread_merges(lines, merges),
            frozenset(_hidden(sheet.rowinfo_map)),
            frozenset(_hidden(sheet.colinfo_map)),
        )

    def _text(self, cell: Any) -> str:
        import xlrd

        match cell.ctype:
            case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
                return ""
            case xlrd.XL_CELL_ERROR:
                return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
            case xlrd.XL_CELL_BOOLEAN:
                return show(bool(cell.value), None)
        has_format = cell.xf_index is not None and cell.xf_index < len(self._book.xf_list)
        return self._with_format(cell) if has_format else self._without_format(cell)

    def _with_format(self, cell: Any) -> str:
        extended_format = self._book.xf_list[cell.xf_index]
        fonts, font_index = self._book.font_list, extended_format.font_index
        if font_index < len(fonts) and fonts[font_index].struck_out:
            return STRUCK_OUT
        key = extended_format.format_key
        shown_format = self._book.format_map.get(key)
        code = shown_format.format_str if shown_format else GENERAL
        if hides_everything(code):
            return INVISIBLE
        code = _OF_THE_READERS_COUNTRY.get(key, code)
        return show(cell.value, code, epoch_1904=self._book.datemode == 1)

    def _without_format(self, cell: Any) -> str:
        import xlrd

        if cell.ctype != xlrd.XL_CELL_DATE:
            return show(cell.value, None)
        code = "yyyy-mm-dd hh:mm:ss" if cell.value % 1 else "yyyy-mm-dd"
        return show(cell.value, code, epoch_1904=self._book.datemode == 1)


def _hidden(dimensions: dict[int, Any]) -> Iterator[int]:
    """Yield rows or columns that are hidden, not those that an outline folds."""
    for number, dimension in dimensions.items():
        if dimension.hidden and not dimension.outline_level:
            yield number
