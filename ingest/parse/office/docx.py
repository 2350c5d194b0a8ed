"""Word documents (DOCX) to text, by unstructured.

unstructured leaves out text boxes, footnotes, endnotes and comments; they are added at the end.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File, pieces_of_inner
from ingest.parse.common.unstructured_adapter import pieces_of_elements, unstructured_offline
from ingest.parse.common.xml import safe_tree
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.office.docx_revisions import plain_package
from ingest.parse.office.embedded_objects import pieces_of_embedded
from ingest.parse.office.open_xml import pieces_of_extras, targets_of, usual
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_DOCUMENT = "word/document.xml"
_RELATIONS = "word/_rels/document.xml.rels"
_NOTES = {
    "word/footnotes.xml": "footnote",
    "word/endnotes.xml": "endnote",
    "word/comments.xml": "comment",
}


def parse_docx(file: File) -> ParsedDocument:
    """Read headings, paragraphs, lists and tables, then text boxes, notes, charts, embedded files.

    Raises:
        EmptyDocumentError: there is no text.

    """
    check_archive(file.data)
    data = plain_package(usual(file.data))
    parser = unstructured_offline()
    from unstructured.partition.docx import partition_docx

    pieces = list(pieces_of_elements(partition_docx(file=BytesIO(data), languages=[""])))
    warnings: list[str] = []
    pieces.extend(_brought_in(file, data, warnings))
    pieces.extend(TextPiece("paragraph", text) for text in _asides(data))
    pieces.extend(pieces_of_extras(data))
    has_heading = any(piece.kind == "heading" for piece in pieces)
    title = None if has_heading else _title(data)
    embedded_pieces = pieces_of_embedded(file, data, warnings)
    source = SourceText(MEDIA_TYPE, parser, title=title, warnings=first_warnings(warnings))
    return assemble(pieces, source, attached=embedded_pieces)


def _title(data: bytes) -> str | None:
    from docx import Document

    title: str = Document(BytesIO(data)).core_properties.title
    return title or None


def _brought_in(file: File, data: bytes, warnings: list[str]) -> Iterator[TextPiece]:
    """Yield the parts of other formats that Word would put in (altChunk), in their order."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        document = archive.read(_DOCUMENT) if {_DOCUMENT, _RELATIONS} <= names else b""
        if b"altChunk" not in document.replace(b"\0", b""):  # as in nearly every file
            return
        targets = targets_of(archive, _RELATIONS, ("/aFChunk",))
        for chunk in safe_tree(document).iter(f"{_W}altChunk"):
            name = targets.get(chunk.get(_ID), "")
            if name in names:
                pieces = pieces_of_inner(
                    file, archive.read(name), posixpath.basename(name), warnings
                )
                yield from pieces[1:]  # its name is no heading of the document


def _asides(data: bytes) -> Iterator[str]:
    from lxml import etree

    safe = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = set(archive.namelist())
        if "word/document.xml" in names:
            yield from _texts_in_boxes(etree.fromstring(archive.read("word/document.xml"), safe))
        for name, tag in _NOTES.items():
            if name in names:
                yield from _texts_of_notes(etree.fromstring(archive.read(name), safe), tag)


def _texts_in_boxes(tree: Any) -> Iterator[str]:
    for copy in list(tree.iter(_FALLBACK)):  # an older drawing of the same box
        copy.getparent().remove(copy)
    for box in tree.iter(f"{_W}txbxContent"):
        for paragraph in box.iterchildren(f"{_W}p"):
            yield _text(paragraph)


def _texts_of_notes(tree: Any, tag: str) -> Iterator[str]:
    for note in tree.iter(f"{_W}{tag}"):
        yield " ".join(filter(None, (_text(paragraph) for paragraph in note.iter(f"{_W}p"))))


def _text(paragraph: Any) -> str:
    runs = paragraph.iter(f"{_W}t", f"{_W}br", f"{_W}tab")
    return "".join(run.text or "" if run.tag == f"{_W}t" else " " for run in runs).strip()
