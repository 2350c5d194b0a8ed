"""Excel workbooks to text: a heading for each sheet, a line for each row.

openpyxl reads XLSX row by row, xlrd the older XLS. unstructured's path needs pandas and guesses
tables from touching cells; a sheet is a table as it stands.
"""

import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from io import BytesIO
from typing import Any

from ingest.errors import SPLIT_IT, EncryptedDocumentError, ParseLimitError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File
from ingest.parse.common.omissions import INVISIBLE
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.office.cells.xls_rows import XlsRows
from ingest.parse.office.cells.xlsx_rows import XlsxRows, has_rich_strings
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
    """Read the shown values of each visible sheet; rows apart by empty rows become tables apart.

    Charts, comments, text in drawings and embedded files stand at the end.

    Raises:
        EmptyDocumentError: no cell holds anything.
        ParseLimitError: more than five million cells.

    """
    check_archive(file.data)
    data = usual(file.data)
    from importlib.metadata import version

    from openpyxl import load_workbook

    archive = zipfile.ZipFile(BytesIO(data))
    opened = partial(load_workbook, read_only=True, keep_links=False)
    book = opened(BytesIO(data), data_only=True, rich_text=has_rich_strings(archive))
    reader = XlsxRows(book, archive, partial(opened, BytesIO(data)))
    pieces: list[TextPiece] = []
    warnings: list[str] = []
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            pieces += pieces_of_sheet(sheet.title, reader.rows(sheet))
        else:
            pieces.append(_hidden_sheet(sheet.title, warnings))
    if reader.unkept_count:
        warnings.append(
            f"The file does not keep the results of {reader.unkept_count:,} formulas; the formulas "
            "were read instead. Open it in a spreadsheet program, save it and upload it again."
        )
    pieces += pieces_of_extras(data)
    title = book.properties.title or None
    embedded_pieces = pieces_of_embedded(file, data, warnings)
    parser = f"openpyxl {version('openpyxl')}"
    source = SourceText(MEDIA_TYPE, parser, title=title, warnings=first_warnings(warnings))
    return assemble(pieces, source, attached=embedded_pieces)


def parse_xls(file: File) -> ParsedDocument:
    """Read a workbook of Excel 97 to 2003 as ``parse_xlsx`` reads newer ones, but for charts."""
    import xlrd

    warnings: list[str] = []
    try:
        book, pieces = _sheets_of_xls(file.data, warnings, has_formats=True)
    except ParseLimitError:
        raise
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise EncryptedDocumentError(
                "This document is protected by a password. Upload a copy without one."
            ) from error
        raise
    except Exception:  # noqa: BLE001 - formats of other programs break in many ways, values seldom
        warnings.clear()
        book, pieces = _sheets_of_xls(file.data, warnings, has_formats=False)
    if book.biff_version == _EXCEL_97:
        stream = book.mem[book.base : book.base + book.stream_len]
        pieces += [TextPiece("paragraph", text) for text in texts_of_objects(stream)]
    parser = f"xlrd {xlrd.__VERSION__}"
    return assemble(pieces, SourceText(OLD_MEDIA_TYPE, parser, warnings=first_warnings(warnings)))


def _sheets_of_xls(
    data: bytes, warnings: list[str], *, has_formats: bool
) -> tuple[Any, list[TextPiece]]:
    import xlrd

    book = xlrd.open_workbook(
        file_contents=data, on_demand=True, formatting_info=has_formats, logfile=_NullWriter()
    )
    reader = XlsRows(book)
    pieces: list[TextPiece] = []
    for sheet in book.sheets():
        if sheet.visibility == 0:
            pieces += pieces_of_sheet(sheet.name, reader.rows(sheet))
        else:
            pieces.append(_hidden_sheet(sheet.name, warnings))
    return book, pieces


def _hidden_sheet(name: str, warnings: list[str]) -> TextPiece:
    warnings.append(f"The sheet {name!r} is hidden in Excel; it was left out.")
    return TextPiece("paragraph", INVISIBLE)


class _NullWriter:
    def write(self, _: str) -> int:
        return 0

    def flush(self) -> None:
        return


def pieces_of_sheet(name: str, rows: Iterable[list[str]]) -> list[TextPiece]:
    """Return a heading and tables; nothing for a sheet without values.

    Raises:
        ParseLimitError: too many rows or cells.

    """
    tables = [TextPiece("table", "\n".join(lines)) for lines in _groups(rows)]
    return [TextPiece("heading", name, 1), *tables] if tables else []


def _groups(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    lines: list[str] = []
    cells = 0
    for number, row in enumerate(rows):
        values = list(row)
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
