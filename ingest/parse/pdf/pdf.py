"""PDF to words with places, through pypdfium2."""

import math
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseLimitError,
)
from ingest.parse.common import ocr as image
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File, pieces_of_inner
from ingest.parse.pdf.annotations import embedded_files, open_form, pieces_of_comments
from ingest.parse.pdf.layout import pieces_of_pages
from ingest.parse.pdf.text_layer import PageText, read_page
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/pdf"
_ANEW = "Download it again, or print it to a new PDF, and upload that."

PDFIUM_LOCK = threading.RLock()
"""pdfium may be called by one thread at a time."""

_MOST_PAGES = 20_000
_MOST_NAMED = 20
"""Pages that a warning names."""

_OCR_SECONDS = 90.0
_OCR_SCALE = 3.0
"""Pixels for each point: 216 dots for each inch."""
_OCR_PIXELS = 12_000_000


def parse_pdf(file: File) -> ParsedDocument:
    """Read a PDF's text layer: words with boxes, lines, paragraphs, headings by size.

    Raises:
        EncryptedDocumentError: a password is needed.
        BrokenDocumentError: pdfium cannot open it, or it has no page.
        EmptyDocumentError: it has no text layer, and no text can be recognised.
        ParseLimitError: it has too many pages.

    """
    warnings: list[str] = []
    scan_warnings: list[str] = []
    with open_pdf(file.data) as document:
        open_form(document, warnings)
        pages = [_text_of_page(document, number) for number in range(len(document))]
        metadata = str(document.get_metadata_value("Title") or "")
        embedded = embedded_files(document, warnings)
        scans = _scans(document, pages)
        scanned = _read_scans(document, scans, scan_warnings) if scans else []
        comments = [
            piece
            for number, page in enumerate(pages, start=1)
            for piece in pieces_of_comments(page.comments, number)
        ]
    attached = [
        piece for data, name in embedded for piece in pieces_of_inner(file, data, name, warnings)
    ]
    if not (scanned or comments or attached or any(page.lines for page in pages)):
        raise EmptyDocumentError(_reason_for_no_text(pages))
    _warn_of_unread(pages, {piece.page for piece in scanned}, warnings)
    pieces = [*pieces_of_pages(pages), *scanned, *comments]
    return assemble(
        sorted(pieces, key=lambda piece: piece.page or 0),
        SourceText(
            media_type=MEDIA_TYPE,
            parser=_version() + (", tesseract" if scanned else ""),
            title=_title(metadata, pages),
            pages=len(pages),
            warnings=first_warnings([*warnings, *scan_warnings]),
        ),
        attached=attached,
    )


@contextmanager
def open_pdf(source: Path | bytes) -> Iterator[Any]:
    """Open a PDF for one thread; close every pdfium object at the end."""
    import pypdfium2

    with PDFIUM_LOCK:
        try:
            document = pypdfium2.PdfDocument(source)
        except pypdfium2.PdfiumError as error:
            raise _reason(error) from error
        try:
            if len(document) == 0:
                raise BrokenDocumentError(f"This PDF has no pages. {_ANEW}")
            if len(document) > _MOST_PAGES:
                raise ParseLimitError(
                    f"This PDF has more than {_MOST_PAGES:,} pages. "
                    "Split it into smaller files and upload those."
                )
            yield document
        finally:
            document.close()


def _reason(error: Exception) -> Exception:
    import pypdfium2.raw as pdfium

    code = getattr(error, "err_code", None)
    if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        return EncryptedDocumentError(
            "This PDF is protected by a password. Upload a copy without one."
        )
    return BrokenDocumentError(f"This PDF is damaged: it cannot be opened. {_ANEW}")


def _version() -> str:
    import pypdfium2

    return f"pypdfium2 {pypdfium2.PYPDFIUM_INFO.version}"


def _title(metadata: str, pages: list[PageText]) -> str | None:
    """Return the title in the metadata, where the first page shows it too: many are leftovers."""
    title = "".join(metadata.split()).casefold()
    first = next((page.lines for page in pages if page.lines), [])
    first_words = "".join(word.text for line in first[:12] for word in line.words).casefold()
    return metadata if len(title) > 3 and title in first_words else None  # noqa: PLR2004


def _reason_for_no_text(pages: Sequence[PageText]) -> str:
    if any(page.is_garbled for page in pages):
        return (
            "The fonts of this PDF do not say which letters they show, so its text would be noise. "
            "Run text recognition (OCR) on it and upload the result, or ask the operator to "
            "install Tesseract (apt-get install tesseract-ocr)."
        )
    if not image.can_recognise():
        return (
            "This PDF has pages but no text layer: it is probably scanned. Run text recognition "
            "(OCR) on it and upload the result, or ask the operator to install Tesseract "
            "(apt-get install tesseract-ocr)."
        )
    return "This PDF has pages but no text layer: they are blank, or scanned with no text in them."


def _scans(document: Any, pages: Sequence[PageText]) -> list[int]:
    """Return the pages to recognise: those whose text is noise, and pictures without text.

    Where no page has text, every page may be a picture.
    """
    if not image.can_recognise():
        return []
    has_text = any(page.lines for page in pages)
    return [
        number
        for number, page in enumerate(pages)
        if page.is_garbled or (not page.lines and (not has_text or _has_picture(document, number)))
    ]


def _has_picture(document: Any, number: int) -> bool:
    import pypdfium2

    with suppress(pypdfium2.PdfiumError), closing(document[number]) as page:
        kinds = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        return next(page.get_objects(filter=kinds), None) is not None
    return False


def _read_scans(document: Any, numbers: Sequence[int], warnings: list[str]) -> list[TextPiece]:
    """Recognise the text of some pages, as many as a fixed time allows."""
    pieces: list[TextPiece] = []
    warnings.append("The text was recognised from pictures of pages and may hold mistakes.")
    end = time.monotonic() + _OCR_SECONDS
    for count, number in enumerate(numbers):
        seconds = end - time.monotonic()
        if seconds < 1:
            warnings.append(f"Only the first {count} pages were recognised: it took too long.")
            break
        if picture := _picture(document, number):
            pieces += image.recognise(picture, number + 1, seconds)
    return pieces


def _picture(document: Any, number: int) -> Any:
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_OCR_SCALE, math.sqrt(_OCR_PIXELS / max(1.0, width * height)))
        return page.render(scale=scale).to_pil().convert("L")
    finally:
        page.close()


def _warn_of_unread(
    pages: Sequence[PageText], recognised: Collection[int | None], warnings: list[str]
) -> None:
    """Name the pages of which no text was read, and those that are not read by their fonts."""
    numbered = list(enumerate(pages, start=1))
    garbled = [number for number, page in numbered if page.is_garbled]
    blank = [
        number
        for number, page in numbered
        if not (page.lines or page.is_garbled or number in recognised)
    ]
    if garbled_read := [number for number in garbled if number in recognised]:
        warnings.append(
            f"Page {_listed(garbled_read)}: the fonts do not say which letters they show; the text "
            "was recognised from a picture."
        )
    if garbled_lost := [number for number in garbled if number not in recognised]:
        warnings.append(
            f"Page {_listed(garbled_lost)}: the fonts do not say which letters they show; the text "
            "was left out. Run text recognition (OCR) on it and upload the result."
        )
    if blank:
        warnings.append(
            f"No text on page {_listed(blank)}: blank, or scanned without text recognition."
        )


def _listed(numbers: Sequence[int]) -> str:
    names = ", ".join(map(str, numbers[:_MOST_NAMED]))
    return names + (" and more" if len(numbers) > _MOST_NAMED else "")


def _text_of_page(document: Any, number: int) -> PageText:
    try:
        page = document[number]
    except Exception as error:  # pypdfium2 raises PdfiumError; a page that fails is not the file
        if type(error).__name__ != "PdfiumError":
            raise
        return PageText([], [])
    try:
        text_page = page.get_textpage()
        try:
            return read_page(page, text_page, number + 1)
        finally:
            text_page.close()
    finally:
        page.close()
