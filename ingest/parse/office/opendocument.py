"""OpenDocument files (ODT, ODS, ODP) to text, from their content.xml (OASIS ODF 1.3).

Comments, running heads of the master pages (styles.xml) and charts (objects within) follow the
text. Deleted text stays out, as everywhere.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any

from ingest.errors import (
    SAVE_A_NEW_COPY,
    SPLIT_IT,
    BrokenDocumentError,
    EncryptedDocumentError,
    ParseError,
    ParseLimitError,
)
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.common.xml import local_name, safe_tree
from ingest.parse.common.zip_archive import check_archive
from ingest.types import ParsedDocument

TEXT_MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
SHEET_MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
SLIDES_MEDIA_TYPE = "application/vnd.oasis.opendocument.presentation"
PARSER = "footnote odf 2"

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
_DUBLIN = "{http://purl.org/dc/elements/1.1/}"
_RUNNING = tuple(
    f"{_STYLE}{name}{suffix}" for name in ("header", "footer") for suffix in ("", "-left", "-first")
)
_FIELDS = frozenset(
    f"{_TEXT}{name}"
    for name in ("page-number", "page-count", "sheet-name", "title", "date", "time", "file-name")
)
"""Elements that differ on every page or at every look, or whose text stands elsewhere."""
_NUMBERED = 3
"""Words up to which a line with a page's number says nothing else: "page 1 of 9"."""
_APART = frozenset(("frame", "note", "text-box"))
_INNER = re.compile(r"[^/]+/content\.xml")
_MOST_INNER = 200
_SKIPPED = frozenset(
    (f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}sequence-decls", f"{_OFFICE}forms")
)
_MOST_REPEATS = 100
_MOST_CELLS = 5_000_000


def parse_opendocument(file: File) -> ParsedDocument:
    """Read headings, paragraphs, lists, tables, sheets and slides in order.

    Raises:
        EncryptedDocumentError: it needs a password.
        BrokenDocumentError: it has no content, or XML that is not well formed.
        EmptyDocumentError: it has no text.

    """
    names = {member.filename for member in check_archive(file.data)}
    if "content.xml" not in names:
        raise BrokenDocumentError(
            f"This OpenDocument file is damaged: it has no content. {SAVE_A_NEW_COPY}"
        )
    with zipfile.ZipFile(BytesIO(file.data)) as archive:
        manifest = (
            archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
        )
        if b"encryption-data" in manifest:
            raise EncryptedDocumentError(
                "This document is protected by a password. Upload a copy without one."
            )
        tree = safe_tree(archive.read("content.xml"))
        asides = list(_asides(archive, names))
        kind = archive.read("mimetype").decode("ascii", "replace") if "mimetype" in names else ""
    body = tree.find(f"{_OFFICE}body")
    if body is None:
        raise BrokenDocumentError(
            f"This OpenDocument file is damaged: it has no body. {SAVE_A_NEW_COPY}"
        )
    pieces = [*_OdfReader().pieces(body), *_comments(body), *asides]
    return assemble(pieces, SourceText(kind.strip() or TEXT_MEDIA_TYPE, PARSER))


def _comments(body: Any) -> Iterator[TextPiece]:
    for note in body.iter(f"{_OFFICE}annotation"):
        author = note.findtext(f"{_DUBLIN}creator", "").strip()
        text = " ".join(map(_line, note.iter(f"{_TEXT}p")))
        yield TextPiece("paragraph", f"{author}: {text}" if author and text else text)


def _asides(archive: zipfile.ZipFile, names: set[str]) -> Iterator[TextPiece]:
    """Yield running heads and the text of master pages, then charts; what is damaged is left."""
    if "styles.xml" in names:
        with suppress(ParseError, zipfile.BadZipFile, OSError):
            yield from _running(safe_tree(archive.read("styles.xml")))
    for name in [name for name in sorted(names) if _INNER.fullmatch(name)][:_MOST_INNER]:
        with suppress(ParseError, zipfile.BadZipFile, OSError):
            for chart in safe_tree(archive.read(name)).iter(f"{_CHART}chart"):
                yield from _chart(chart)


def _running(styles: Any) -> Iterator[TextPiece]:
    """Yield each line of headers, footers and masters once; placeholders say nothing."""
    lines: dict[str, None] = {}
    for page in styles.iter(f"{_STYLE}master-page"):
        for element in page.iter(*_RUNNING, f"{_DRAW}frame", f"{_DRAW}custom-shape"):
            if element.get(f"{_PRESENTATION}class") is None:
                lines.update(
                    dict.fromkeys(map(_running_line, element.iter(f"{_TEXT}p", f"{_TEXT}h")))
                )
    yield TextPiece("paragraph", "\n".join(filter(None, lines)))


def _running_line(paragraph: Any) -> str:
    line = _line(paragraph, _FIELDS)
    has_field = next(paragraph.iter(*_FIELDS), None) is not None
    words = sum(map(str.isalnum, line.split()))
    return "" if has_field and words <= _NUMBERED else line


def _chart(chart: Any) -> Iterator[TextPiece]:
    titles = chart.iter(*(f"{_CHART}{name}" for name in ("title", "subtitle", "footer")))
    yield TextPiece("paragraph", "\n".join(_line(element) for title in titles for element in title))
    for table in chart.iter(f"{_TABLE}table"):
        yield from _OdfReader().table(table)


class _Tag:
    HEADING = f"{_TEXT}h"
    PARAGRAPH = f"{_TEXT}p"
    LIST = f"{_TEXT}list"
    TABLE = f"{_TABLE}table"


class _OdfReader:
    def __init__(self) -> None:
        self._cells = 0

    def pieces(self, element: Any) -> Iterator[TextPiece]:
        """Yield what an element holds; libxml2 bounds how deep elements nest."""
        for child in element:
            if child.tag not in _SKIPPED:
                yield from self._pieces_of(child)

    def _pieces_of(self, child: Any) -> Iterator[TextPiece]:
        match child.tag:
            case _Tag.HEADING:
                yield TextPiece("heading", _line(child), _number(child, f"{_TEXT}outline-level"))
                yield from self._frames(child)
            case _Tag.PARAGRAPH:
                yield TextPiece("paragraph", _line(child))
                yield from self._frames(child)
            case _Tag.LIST:
                yield TextPiece("list", "\n".join(_items(child, 0)))
            case _Tag.TABLE:
                yield from self.table(child)
            case _ if child.get(f"{_PRESENTATION}class") == "title":
                yield TextPiece("heading", " ".join(map(_line, child.iter(f"{_TEXT}p"))), 1)
            case _:
                yield from self.pieces(child)

    def _frames(self, paragraph: Any) -> Iterator[TextPiece]:
        """Yield text boxes and notes that are anchored in a paragraph."""
        for box in paragraph.iter(f"{_DRAW}text-box", f"{_TEXT}note-body"):
            yield from self.pieces(box)

    def table(self, table: Any) -> Iterator[TextPiece]:
        """Yield a table's rows; a sheet's under its name, cut where rows are empty."""
        is_sheet = local_name(table.getparent()) == "spreadsheet"
        if is_sheet and any(True for _ in table.iter(f"{_TEXT}p")):
            yield TextPiece("heading", table.get(f"{_TABLE}name", ""), 1)
        lines: list[str] = []
        for row in table.iter(f"{_TABLE}table-row"):
            line = " | ".join(self._row(row))
            if line.strip(" |"):
                lines += [line] * min(_MOST_REPEATS, _number(row, f"{_TABLE}number-rows-repeated"))
            elif lines and is_sheet:
                yield TextPiece("table", "\n".join(lines))
                lines = []
        yield TextPiece("table", "\n".join(lines))

    def _row(self, row: Any) -> list[str]:
        values: list[str] = []
        for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            text = " ".join(_line(paragraph) for paragraph in cell.iter(f"{_TEXT}p", f"{_TEXT}h"))
            times = min(_MOST_REPEATS, _number(cell, f"{_TABLE}number-columns-repeated"))
            values += [text] * times
        self._cells += len(values)
        if self._cells > _MOST_CELLS:
            raise ParseLimitError(f"This document holds more cells than can be read. {SPLIT_IT}")
        while values and not values[-1]:
            values.pop()
        return values


def _number(element: Any, attribute: str) -> int:
    value = element.get(attribute, "1")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 9 else 1  # noqa: PLR2004


def _items(element: Any, depth: int) -> Iterator[str]:
    for item in element.iterchildren(f"{_TEXT}list-item", f"{_TEXT}list-header"):
        for child in item:
            if child.tag == f"{_TEXT}list":
                yield from _items(child, depth + 1)
            elif line := _line(child):
                yield "  " * depth + f"- {line}"


def _line(element: Any, without: frozenset[str] = frozenset()) -> str:
    return " ".join("".join(_letters(element, without)).split())


def _letters(element: Any, without: frozenset[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            yield " "
        elif child.tag in _SKIPPED or child.tag in without or local_name(child) in _APART:
            pass
        else:
            yield from _letters(child, without)
        yield child.tail or ""
