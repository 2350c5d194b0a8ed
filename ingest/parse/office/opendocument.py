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
from ingest.parse.common.formulas import formula_text
from ingest.parse.common.omissions import INVISIBLE
from ingest.parse.common.xml import local_name, safe_tree
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.office.cells.hidden_cells import without_hidden
from ingest.parse.office.cells.merged_cells import Merge, spread_merges
from ingest.parse.office.opendocument_letters import (
    OdfStyles,
    hidden_columns,
    is_hidden_row,
    span_text,
    value_of_cell,
)
from ingest.types import ParsedDocument

TEXT_MEDIA_TYPE = "application/vnd.oasis.opendocument.text"
SHEET_MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
SLIDES_MEDIA_TYPE = "application/vnd.oasis.opendocument.presentation"
PARSER = "footnote odf 3"

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
_MOST_COLUMNS = 16_384
_PLAIN = OdfStyles()
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


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
        styles = OdfStyles(*_style_trees(archive, names), tree)
        asides = list(_asides(archive, names))
        kind = archive.read("mimetype").decode("ascii", "replace") if "mimetype" in names else ""
    body = tree.find(f"{_OFFICE}body")
    if body is None:
        raise BrokenDocumentError(
            f"This OpenDocument file is damaged: it has no body. {SAVE_A_NEW_COPY}"
        )
    pieces = [*_OdfReader(styles).pieces(body), *_comments(body), *asides]
    return assemble(pieces, SourceText(kind.strip() or TEXT_MEDIA_TYPE, PARSER))


def _style_trees(archive: zipfile.ZipFile, names: set[str]) -> Iterator[Any]:
    if "styles.xml" in names:
        with suppress(ParseError, zipfile.BadZipFile, OSError):
            yield safe_tree(archive.read("styles.xml"))


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
            inner = safe_tree(archive.read(name))
            if local_name(inner) == "math":
                yield TextPiece("paragraph", formula_text(inner))
            for chart in inner.iter(f"{_CHART}chart"):
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
        yield from _OdfReader(_PLAIN).table(table)


class _Tag:
    HEADING = f"{_TEXT}h"
    PARAGRAPH = f"{_TEXT}p"
    LIST = f"{_TEXT}list"
    TABLE = f"{_TABLE}table"


class _OdfReader:
    def __init__(self, styles: OdfStyles) -> None:
        self._styles = styles
        self._cells = 0

    def _line(self, element: Any) -> str:
        return _line(element, styles=self._styles)

    def pieces(self, element: Any) -> Iterator[TextPiece]:
        """Yield what an element holds; libxml2 bounds how deep elements nest."""
        for child in element:
            if child.tag not in _SKIPPED:
                yield from self._pieces_of(child)

    def _pieces_of(self, child: Any) -> Iterator[TextPiece]:
        match child.tag:
            case _Tag.HEADING:
                yield TextPiece(
                    "heading", self._line(child), _number(child, f"{_TEXT}outline-level")
                )
                yield from self._frames(child)
            case _Tag.PARAGRAPH:
                yield TextPiece("paragraph", self._line(child))
                yield from self._frames(child)
            case _Tag.LIST:
                yield TextPiece("list", "\n".join(_items(child, 0, self._styles)))
            case _Tag.TABLE:
                yield from self.table(child)
            case _ if child.get(f"{_PRESENTATION}class") == "title":
                yield TextPiece("heading", " ".join(map(self._line, child.iter(f"{_TEXT}p"))), 1)
            case _:
                yield from self.pieces(child)

    def _frames(self, paragraph: Any) -> Iterator[TextPiece]:
        """Yield text boxes and notes that are anchored in a paragraph."""
        for box in paragraph.iter(f"{_DRAW}text-box", f"{_TEXT}note-body"):
            yield from self.pieces(box)

    def table(self, table: Any) -> Iterator[TextPiece]:
        """Yield a table's rows; a sheet's under its name, cut where rows are empty."""
        is_sheet = local_name(table.getparent()) == "spreadsheet"
        if is_sheet and self._styles.hides_table(table):
            yield TextPiece("paragraph", INVISIBLE)
            return
        lines: list[str] = []
        pieces: list[TextPiece] = []
        for values, repeats in self._rows(table):
            if any(values):
                lines += [" | ".join(values)] * repeats
            elif lines and is_sheet:
                pieces.append(TextPiece("table", "\n".join(lines)))
                lines = []
        pieces.append(TextPiece("table", "\n".join(lines)))
        if is_sheet and any(piece.text for piece in pieces):
            yield TextPiece("heading", table.get(f"{_TABLE}name", ""), 1)
        yield from pieces

    def _rows(self, table: Any) -> Iterator[tuple[list[str], int]]:
        """Yield the shown values of each row, and how often it stands there."""
        elements = list(table.iter(f"{_TABLE}table-row"))
        hidden = frozenset(at for at, row in enumerate(elements) if is_hidden_row(row))
        merges = [merge for top, row in enumerate(elements) for merge in _merges(row, top)]
        rows = spread_merges(map(self._row, elements), merges)
        columns = frozenset(hidden_columns(table, _MOST_COLUMNS))
        visible = [row for at, row in enumerate(elements) if at not in hidden]
        for number, values in enumerate(without_hidden(rows, hidden, columns)):
            while values and not values[-1]:
                values.pop()
            repeats = 1
            if number < len(visible):
                repeats = _number(visible[number], f"{_TABLE}number-rows-repeated")
            yield values, min(_MOST_REPEATS, repeats)

    def _row(self, row: Any) -> list[str]:
        values: list[str] = []
        for cell in row.iterchildren(*_CELLS):
            values += [self._cell(cell)] * _repeats(cell)
        self._cells += len(values)
        if self._cells > _MOST_CELLS:
            raise ParseLimitError(f"This document holds more cells than can be read. {SPLIT_IT}")
        return values

    def _cell(self, cell: Any) -> str:
        paragraphs = list(cell.iter(f"{_TEXT}p", f"{_TEXT}h"))
        mark = self._styles.mark(cell)
        if mark and paragraphs:
            return mark
        return " ".join(map(self._line, paragraphs)) if paragraphs else value_of_cell(cell)


def _repeats(cell: Any) -> int:
    return min(_MOST_REPEATS, _number(cell, f"{_TABLE}number-columns-repeated"))


def _merges(row: Any, top: int) -> Iterator[Merge]:
    """Yield the cells of a row that span others; repeated rows below are one row here."""
    left = 0
    for cell in row.iterchildren(*_CELLS):
        height = _number(cell, f"{_TABLE}number-rows-spanned")
        width = _number(cell, f"{_TABLE}number-columns-spanned")
        if height > 1 or width > 1:
            yield Merge(top, left, top + height - 1, left + width - 1)
        left += _repeats(cell)


def _number(element: Any, attribute: str) -> int:
    value = element.get(attribute, "1")
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 9 else 1  # noqa: PLR2004


def _items(element: Any, depth: int, styles: OdfStyles) -> Iterator[str]:
    for item in element.iterchildren(f"{_TEXT}list-item", f"{_TEXT}list-header"):
        for child in item:
            if child.tag == f"{_TEXT}list":
                yield from _items(child, depth + 1, styles)
            elif line := _line(child, styles=styles):
                yield "  " * depth + f"- {line}"


def _line(element: Any, without: frozenset[str] = frozenset(), styles: OdfStyles = _PLAIN) -> str:
    return " ".join(_letters(element, without, styles).split())


def _letters(element: Any, without: frozenset[str], styles: OdfStyles) -> str:
    """Return an element's letters; a mark where its style strikes out or hides them."""
    texts = [element.text or ""]
    for child in element:
        following = child.tail or ""
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            texts.append(" ")
        elif child.tag not in _SKIPPED | without and local_name(child) not in _APART:
            inner = _letters(child, without, styles)
            texts.append(span_text(inner, styles.position(child), texts[-1][-3:], following))
        texts.append(following)
    text = "".join(texts)
    mark = styles.mark(element)
    return mark if mark and text.strip() else text
