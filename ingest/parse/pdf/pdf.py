"""PDF to words with places, through pypdfium2."""

import math
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
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
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.pdf.layout import pieces_of_pages
from ingest.parse.pdf.text_layer import PageText, read_page
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/pdf"
_ANEW = "Download it again, or print it to a new PDF, and upload that."

PDFIUM_LOCK = threading.RLock()
"""pdfium may be called by one thread at a time."""

_MOST_PAGES = 20_000

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
    with open_pdf(file.data) as document:
        pages = [_text_of_page(document, number) for number in range(len(document))]
        metadata = str(document.get_metadata_value("Title") or "")
        if not any(page.lines for page in pages):
            return _recognise_pages(document)
        scans = _scans(document, pages)
        scanned, scan_warnings = _read_scans(document, scans) if scans else ([], [])
    pieces = sorted([*pieces_of_pages(pages), *scanned], key=lambda piece: piece.page or 0)
    pages_without_text = {number for number, page in enumerate(pages) if not page.lines} - set(
        scans
    )
    return assemble(
        pieces,
        SourceText(
            media_type=MEDIA_TYPE,
            parser=_version() + (", tesseract" if scanned else ""),
            title=_title(metadata, pages),
            pages=len(pages),
            warnings=(*_warnings(pages_without_text), *scan_warnings),
        ),
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


def _recognise_pages(document: Any) -> ParsedDocument:
    """Read the pages of a scan by text recognition, as many as a fixed time allows."""
    if not image.can_recognise():
        raise EmptyDocumentError(
            "This PDF has pages but no text layer: it is probably scanned. Run text recognition "
            "(OCR) on it and upload the result, or ask the operator to install Tesseract "
            "(apt-get install tesseract-ocr)."
        )
    pieces, warnings = _read_scans(document, range(len(document)))
    if not pieces:
        raise EmptyDocumentError(
            "This PDF has pages but no text layer: they are blank, or scanned with no text in them."
        )
    source = SourceText(
        MEDIA_TYPE, f"{_version()}, tesseract", pages=len(document), warnings=tuple(warnings)
    )
    return assemble(pieces, source)


def _scans(document: Any, pages: Sequence[PageText]) -> list[int]:
    """Return the pages that hold a picture and no text, in a PDF that has text elsewhere."""
    if not image.can_recognise():
        return []
    blank = [number for number, page in enumerate(pages) if not page.lines]
    return [number for number in blank if _has_picture(document, number)]


def _has_picture(document: Any, number: int) -> bool:
    import pypdfium2

    with suppress(pypdfium2.PdfiumError), closing(document[number]) as page:
        kinds = [pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
        return next(page.get_objects(filter=kinds), None) is not None
    return False


def _read_scans(document: Any, numbers: Sequence[int]) -> tuple[list[TextPiece], list[str]]:
    """Recognise the text of some pages, as many as a fixed time allows; return it and warnings."""
    pieces: list[TextPiece] = []
    warnings = ["The text was recognised from pictures of pages and may hold mistakes."]
    end = time.monotonic() + _OCR_SECONDS
    for count, number in enumerate(numbers):
        seconds = end - time.monotonic()
        if seconds < 1:
            warnings.append(f"Only the first {count} pages were recognised: it took too long.")
            break
        if picture := _picture(document, number):
            pieces += image.recognise(picture, number + 1, seconds)
    return pieces, warnings


def _picture(document: Any, number: int) -> Any:
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_OCR_SCALE, math.sqrt(_OCR_PIXELS / max(1.0, width * height)))
        return page.render(scale=scale).to_pil().convert("L")
    finally:
        page.close()


def _warnings(pages_without_text: Iterable[int]) -> tuple[str, ...]:
    blank = [str(number + 1) for number in sorted(pages_without_text)]
    if not blank:
        return ()
    numbers = ", ".join(blank[:20]) + (" and more" if len(blank) > 20 else "")  # noqa: PLR2004
    return (f"No text on page {numbers}: blank, or scanned without text recognition.",)


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
