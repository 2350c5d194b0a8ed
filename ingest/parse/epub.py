"""EPUB books to text: the chapters in reading order, each as the HTML it is."""

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from ingest.errors import (
    SAVE_A_NEW_COPY,
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
)
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File, pieces_of_document
from ingest.parse.common.plain_text import decode
from ingest.parse.common.xml import local_name, safe_tree
from ingest.parse.common.zip_archive import check_archive
from ingest.parse.html import parse_markup
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/epub+zip"
PARSER = "footnote epub 1"

_CONTAINER = "META-INF/container.xml"


def parse_epub(file: File) -> ParsedDocument:
    """Read the chapters of the spine (EPUB 3.3, section 5.7) in their order.

    Raises:
        BrokenDocumentError: it names no package, or none of its chapters is there.
        EncryptedDocumentError: its chapters are locked (DRM).
        EmptyDocumentError: its chapters hold no text.

    """
    names = {member.filename for member in check_archive(file.data)}
    with zipfile.ZipFile(BytesIO(file.data)) as archive:
        package = _package_name(archive, names)
        tree = safe_tree(archive.read(package))
        chapters = [name for name in _spine(tree, posixpath.dirname(package)) if name in names]
        if not chapters:
            raise BrokenDocumentError(
                f"This book is damaged: it has no chapters. {SAVE_A_NEW_COPY}"
            )
        if "META-INF/rights.xml" in names:
            raise EncryptedDocumentError("This book is locked (DRM). Upload a copy that is not.")
        pieces = [piece for name in chapters for piece in _chapter(archive.read(name))]
    if any(piece.text.strip() for piece in pieces):
        pieces.insert(0, TextPiece("paragraph", "\n".join(_about(tree))))
    return assemble(pieces, SourceText(MEDIA_TYPE, PARSER, title=_title(tree)))


def _package_name(archive: zipfile.ZipFile, names: set[str]) -> str:
    if _CONTAINER in names:
        for element in safe_tree(archive.read(_CONTAINER)).iter():
            path = unquote(element.get("full-path", ""))
            if path in names:
                return path
    raise BrokenDocumentError(
        f"This book is damaged: it does not say what is in it. {SAVE_A_NEW_COPY}"
    )


def _spine(tree: Any, folder: str) -> list[str]:
    items = {
        element.get("id"): posixpath.normpath(
            posixpath.join(folder, unquote(element.get("href", "")))
        )
        for element in tree.iter()
        if local_name(element) == "item"
    }
    order = (element.get("idref") for element in tree.iter() if local_name(element) == "itemref")
    return [items[name] for name in order if name in items]


def _title(tree: Any) -> str | None:
    return next((e.text for e in tree.iter() if local_name(e) == "title" and e.text), None)


def _about(tree: Any) -> Iterator[str]:
    """Yield what the package says of the book (Dublin Core): who wrote it, what it is about."""
    for label, name in (("Authors", "creator"), ("Description", "description")):
        values = [e.text for e in tree.iter() if local_name(e) == name and e.text]
        texts = dict.fromkeys(" ".join(text.split()) for text in values if text.strip())
        if texts:
            yield f"{label}: {', '.join(texts)}"


def _chapter(data: bytes) -> list[TextPiece]:
    try:
        return list(pieces_of_document(parse_markup(decode(data)[0], MEDIA_TYPE), under=0))
    except EmptyDocumentError:
        return []
