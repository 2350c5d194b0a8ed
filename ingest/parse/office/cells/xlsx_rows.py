"""Rows of an XLSX sheet as their reader sees them: formats, merges, hidden and struck-out cells."""

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT
from ingest.parse.common.raised_text import sign_before
from ingest.parse.office.cells.hidden_cells import without_hidden
from ingest.parse.office.cells.merged_cells import spread_merges
from ingest.parse.office.cells.number_formats import (
    GENERAL,
    hides_everything,
    is_date_code,
    serial_of,
    show,
)
from ingest.parse.office.cells.sheet_markup import SheetMarkup, has_rich_text, read_markup

_OF_THE_READERS_COUNTRY = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm"}
"""Formats 14 and 22 look otherwise in every country: their dates are written unmistakably."""
_STRINGS = "xl/sharedStrings.xml"


def has_rich_strings(archive: zipfile.ZipFile) -> bool:
    """Tell whether letters within the strings of a workbook may be struck out or raised."""
    return _STRINGS in archive.namelist() and has_rich_text(archive.read(_STRINGS))


class XlsxRows:
    """Reads the sheets of a workbook that openpyxl has opened to read only."""

    def __init__(self, book: Any, archive: zipfile.ZipFile, formulas: Any) -> None:
        """Read ``book`` from its ``archive``; ``formulas()`` opens it with formulas for values."""
        self._book = book
        self._archive = archive
        self._open_formulas = formulas
        self._formula_book: Any = None
        self._epoch_1904 = book.epoch.year == 1904  # noqa: PLR2004 - the other epoch
        self.unkept_count = 0
        """Formulas that were written out, since the file keeps no value of them."""

    def rows(self, sheet: Any) -> Iterator[list[str]]:
        """Yield the shown values of each row of a visible sheet."""
        markup = self._markup(sheet)
        sheet.reset_dimensions()  # what the file claims, not what it holds
        lines = (
            [self._text(cell, formula) for cell, formula in zip(row, formulas, strict=False)]
            for row, formulas in self._with_formulas(sheet, markup)
        )
        return without_hidden(
            spread_merges(lines, markup.merges), markup.hidden_rows, markup.hidden_columns
        )

    def _markup(self, sheet: Any) -> SheetMarkup:
        return read_markup(self._archive.read(sheet._worksheet_path))  # noqa: SLF001 - told nowhere else

    def _with_formulas(
        self, sheet: Any, markup: SheetMarkup
    ) -> Iterator[tuple[Iterable[Any], Iterable[Any]]]:
        cells = self._rich_rows(sheet) if markup.has_rich_text else sheet.iter_rows()
        if not markup.has_unkept_formulas:
            return zip(cells, repeat(repeat(None)), strict=False)
        self._formula_book = self._formula_book or self._open_formulas()
        formulas = self._formula_book[sheet.title]
        formulas.reset_dimensions()
        return zip(cells, formulas.iter_rows(), strict=False)

    def _rich_rows(self, sheet: Any) -> Iterator[Iterable[Any]]:
        """Yield rows as ``iter_rows`` does, which knows no runs in strings within cells."""
        from openpyxl.worksheet._reader import WorkSheetParser

        book = self._book
        with self._archive.open(sheet._worksheet_path) as part:  # noqa: SLF001 - as in openpyxl
            parser = WorkSheetParser(
                part,
                sheet._shared_strings,  # noqa: SLF001
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,  # noqa: SLF001
                timedelta_formats=book._timedelta_formats,  # noqa: SLF001
                rich_text=True,
            )
            number = 0
            for row_number, row in parser.parse():
                yield from repeat((), row_number - number - 1)
                number = row_number
                yield sheet._get_row(row)  # noqa: SLF001

    def _text(self, cell: Any, formula: Any) -> str:
        value = cell.value
        if value is None:
            if formula is None or formula.data_type != "f":
                return ""
            self.unkept_count += 1
            return _formula_text(formula.value)
        code = cell.number_format or GENERAL
        if hides_everything(code):
            return INVISIBLE
        if cell.font.strike:
            return STRUCK_OUT
        if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
            return self._moment(value, _OF_THE_READERS_COUNTRY.get(code, code))
        if isinstance(value, list):
            value = _rich_text(value)
        return show(value, code)

    def _moment(self, value: Any, code: str) -> str:
        if not is_date_code(code):
            return str(value).removesuffix(" 00:00:00")
        serial = serial_of(value, epoch_1904=self._epoch_1904)
        return show(serial, code, epoch_1904=self._epoch_1904)


def _formula_text(value: Any) -> str:
    text = getattr(value, "text", None) or value
    return " ".join(text.split()) if isinstance(text, str) else "=?"


def _rich_text(runs: Iterable[Any]) -> str:
    """Join the runs of a cell without those struck out; raised ones stand apart."""
    text = ""
    for run in runs:
        font = getattr(run, "font", None)
        if font is None:
            text += str(run)
        elif font.strike:
            text += STRUCK_OUT
        else:
            letters = run.text or ""
            text += sign_before(letters, font.vertAlign, text) + letters
    return text
