"""Excel workbooks to text: a heading for each sheet, a line for each row.

openpyxl reads XLSX row by row, xlrd the older XLS. unstructured's path needs pandas and guesses
tables from touching cells; a sheet is a table as it stands.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from ingest.errors import SPLIT_IT, EncryptedDocumentError, ParseLimitError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.office.embedded_objects import pieces_of_embedded
from ingest.parse.office.open_xml import pieces_of_extras, usual
from ingest.parse.office.xls_text_boxes import texts_of_objects
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLD_MEDIA_TYPE = "application/vnd.ms-excel"

_EXCEL_97 = 80
_MOST_ROWS = 1_100_000
_MOST_CELLS = 5_000_000


def parse_xlsx(file: File) -> ParsedDocument:
    """Read the shown values of each sheet; rows apart by empty rows become tables apart.

    Charts, comments, text in drawings and embedded files stand at the end.

    Raises:
        EmptyDocumentError: no cell holds anything.
        ParseLimitError: more than five million cells.

    """
    check_archive(file.data)
    data = usual(file.data)
    from importlib.metadata import version

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    pieces: list[TextPiece] = []
    warnings: list[str] = []
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file claims, not what it holds
        pieces += pieces_of_sheet(sheet.title, sheet.iter_rows(values_only=True))
        if sheet.sheet_state != "visible":
            warnings.append(f"The sheet {sheet.title!r} is hidden in Excel; it was read too.")
    pieces += pieces_of_extras(data)
    title = book.properties.title or None
    embedded_pieces = pieces_of_embedded(file, data, warnings)
    parser = f"openpyxl {version('openpyxl')}"
    source = SourceText(MEDIA_TYPE, parser, title=title, warnings=first_warnings(warnings))
    return assemble(pieces, source, attached=embedded_pieces)


def parse_xls(file: File) -> ParsedDocument:
    """Read a workbook of Excel 97 to 2003 as ``parse_xlsx`` reads newer ones, but for charts."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=file.data, on_demand=True, logfile=_NullWriter())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise EncryptedDocumentError(
                "This document is protected by a password. Upload a copy without one."
            ) from error
        raise
    pieces: list[TextPiece] = []
    for sheet in book.sheets():
        rows = ([_xls_value(cell, book.datemode) for cell in row] for row in sheet.get_rows())
        pieces += pieces_of_sheet(sheet.name, rows)
    if book.biff_version == _EXCEL_97:
        stream = book.mem[book.base : book.base + book.stream_len]
        pieces += [TextPiece("paragraph", text) for text in texts_of_objects(stream)]
    return assemble(pieces, SourceText(OLD_MEDIA_TYPE, f"xlrd {xlrd.__VERSION__}"))


class _NullWriter:
    def write(self, _: str) -> int:
        return 0

    def flush(self) -> None:
        return


def _xls_value(cell: Any, datemode: int) -> Any:
    import xlrd

    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return cell.value


def pieces_of_sheet(name: str, rows: Iterable[Iterable[Any]]) -> list[TextPiece]:
    """Return a heading and tables; nothing for a sheet without values.

    Raises:
        ParseLimitError: too many rows or cells.

    """
    tables = [TextPiece("table", "\n".join(lines)) for lines in _groups(rows)]
    return [TextPiece("heading", name, 1), *tables] if tables else []


def _groups(rows: Iterable[Iterable[Any]]) -> Iterator[list[str]]:
    lines: list[str] = []
    cells = 0
    for number, row in enumerate(rows):
        values = [_format_value(value) for value in row]
        cells += len(values)
        if number > _MOST_ROWS or cells > _MOST_CELLS:
            raise ParseLimitError(
                f"A sheet of this workbook holds more cells than can be read. {SPLIT_IT}"
            )
        while values and not values[-1]:
            values.pop()
        if values:
            lines.append(" | ".join(values))
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def _format_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(" ").removesuffix(" 00:00:00")
    return " ".join(str(value).split())
