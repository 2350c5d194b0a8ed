"""PDF to words with places, through pypdfium2."""

import ctypes
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import BrokenDocumentError, EmptyDocumentError, EncryptedDocumentError
from ingest.parse import image
from ingest.parse.assemble import Piece, Source, assemble, clean
from ingest.parse.file import File
from ingest.parse.layout import pieces_of_pages
from ingest.parse.lines import Frame, Line, Word
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/pdf"

PDFIUM_LOCK = threading.RLock()
"""pdfium may be called by one thread at a time."""

_GRID = 1_000_000
"""The page is mapped to a square this many units wide, so that places become shares."""

_LIGATURES = dict(
    zip(range(0xFB00, 0xFB07), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True)
)
_HYPHEN = 2
"""What pdfium writes in place of a hyphen and the line break after it."""

_LINE_ENDS = frozenset((10, 13))
_SPACES = frozenset((0, 9, 10, 13, 32, 0xA0, 0x3000, *range(0x2000, 0x200C), 0xFEFF))
_OCR_SECONDS = 90.0
_OCR_SCALE = 3.0
"""Pixels for each point: 216 dots for each inch."""
_OCR_PIXELS = 12_000_000
_BOLD = ("bold", "black", "heavy", "semibold", "demi")


def parse_pdf(file: File) -> ParsedDocument:
    """Read a PDF's text layer: words with boxes, lines, paragraphs, headings by size.

    Raises:
        EncryptedDocumentError: a password is needed.
        BrokenDocumentError: pdfium cannot open it, or it has no page.
        EmptyDocumentError: it has no text layer, and no text can be recognised.

    """
    with open_pdf(file.data) as document:
        pages = [_lines_of_page(document, number) for number in range(len(document))]
        metadata = str(document.get_metadata_value("Title") or "")
        if not any(pages):
            return _recognised(document)
    pieces = pieces_of_pages(pages)
    return assemble(
        pieces,
        Source(
            media_type=MEDIA_TYPE,
            parser=_version(),
            title=_title(metadata, pages),
            pages=len(pages),
            warnings=_warnings(pages),
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
                raise BrokenDocumentError("This PDF has no pages.")
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
    return BrokenDocumentError("This PDF is damaged: it cannot be opened.")


def _version() -> str:
    from importlib.metadata import version

    return f"pypdfium2 {version('pypdfium2')}"


def _title(metadata: str, pages: list[list[Line]]) -> str | None:
    """Return the title in the metadata, where the first page shows it too: many are leftovers."""
    wanted = "".join(metadata.split()).casefold()
    first = next((lines for lines in pages if lines), [])
    shown = "".join(word.text for line in first[:12] for word in line.words).casefold()
    return metadata if len(wanted) > 3 and wanted in shown else None  # noqa: PLR2004


def _recognised(document: Any) -> ParsedDocument:
    """Read the pages of a scan by text recognition, as many as a fixed time allows."""
    if not image.can_recognise():
        raise EmptyDocumentError(
            "This PDF has pages but no text layer: it is probably scanned. Run text recognition "
            "(OCR) on it and upload the result, or ask the operator to install Tesseract "
            "(apt-get install tesseract-ocr)."
        )
    pieces: list[Piece] = []
    warnings = ["The text was recognised from pictures of pages and may hold mistakes."]
    end = time.monotonic() + _OCR_SECONDS
    for number in range(len(document)):
        left = end - time.monotonic()
        if left < 1:
            warnings.append(f"Only the first {number} pages were recognised: it took too long.")
            break
        if picture := _picture(document, number):
            pieces += image.recognise(picture, number + 1, left)
    if not pieces:
        raise EmptyDocumentError(
            "This PDF has pages but no text layer: they are blank, or scanned with no text in them."
        )
    source = Source(
        MEDIA_TYPE, f"{_version()}, tesseract", pages=len(document), warnings=tuple(warnings)
    )
    return assemble(pieces, source)


def _picture(document: Any, number: int) -> Any:
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_OCR_SCALE, math.sqrt(_OCR_PIXELS / max(1.0, width * height)))
        return page.render(scale=scale).to_pil().convert("L")
    finally:
        page.close()


def _warnings(pages: list[list[Line]]) -> tuple[str, ...]:
    blank = [str(number) for number, lines in enumerate(pages, start=1) if not lines]
    if not blank:
        return ()
    shown = ", ".join(blank[:20]) + (" and more" if len(blank) > 20 else "")  # noqa: PLR2004
    return (f"No text on page {shown}: blank, or scanned without text recognition.",)


def _lines_of_page(document: Any, number: int) -> list[Line]:
    try:
        page = document[number]
    except Exception as error:  # pypdfium2 raises PdfiumError; a page that fails is not the file
        if type(error).__name__ != "PdfiumError":
            raise
        return []
    try:
        text_page = page.get_textpage()
        try:
            return _PageReader(page, text_page, number + 1).lines()
        finally:
            text_page.close()
    finally:
        page.close()


@dataclass(slots=True)
class _Run:
    """The characters of a word: positions in the page's text, and what they say."""

    first: int
    last: int
    text: str


class _PageReader:
    """Reads one page in pdfium's order: characters to words to lines."""

    def __init__(self, page: Any, text_page: Any, number: int) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._text = text_page.raw
        self._frame = Frame(number, *page.get_size())
        self._to_share = _shares(pdfium, page.raw)
        self._box = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()

    def lines(self) -> list[Line]:
        """Return the page's lines that hold words."""
        return [self._line(runs, hyphenated) for runs, hyphenated in self._runs()]

    def _runs(self) -> Iterator[tuple[list[_Run], bool]]:
        line: list[_Run] = []
        run: _Run | None = None
        for index, code in self._codes():
            if code in _SPACES or code == _HYPHEN:
                run = None
                if line and (code in _LINE_ENDS or code == _HYPHEN):
                    yield line, code == _HYPHEN
                    line = []
            elif letter := clean(_LIGATURES.get(code) or chr(code)):
                if run is None:
                    run = _Run(index, index, "")
                    line.append(run)
                run.last = index
                run.text += letter
        if line:
            yield line, False

    def _codes(self) -> Iterator[tuple[int, int]]:
        """Yield position and code point; surrogate pairs are put together."""
        read = self._pdfium.FPDFText_GetUnicode
        high = 0
        for index in range(self._pdfium.FPDFText_CountChars(self._text)):
            code = read(self._text, index)
            if 0xD800 <= code < 0xDC00:  # noqa: PLR2004
                high = code
                continue
            if 0xDC00 <= code < 0xE000 and high:  # noqa: PLR2004
                code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00
            high = 0
            yield index, code

    def _line(self, runs: list[_Run], hyphenated: bool) -> Line:  # noqa: FBT001
        words = tuple(self._word(run) for run in runs)
        bold = self._is_bold(runs[0].first) and self._is_bold(runs[-1].first)
        return Line(self._frame, words, self._size(runs), bold=bold, hyphenated=hyphenated)

    def _word(self, run: _Run) -> Word:
        corners = [*self._corners(run.first), *self._corners(run.last)]
        across = [x for x, _ in corners]
        down = [y for _, y in corners]
        return Word(run.text, min(across), min(down), max(across), max(down))

    def _corners(self, index: int) -> list[tuple[float, float]]:
        box = self._box
        if not self._pdfium.FPDFText_GetLooseCharBox(self._text, index, box):
            return [(0.0, 0.0)]
        return [self._to_share(box.left, box.top), self._to_share(box.right, box.bottom)]

    def _size(self, runs: list[_Run]) -> float:
        """Height of an em in points: the font's size times the scale of its matrix."""
        index = max(runs, key=lambda run: len(run.text)).first
        size = float(self._pdfium.FPDFText_GetFontSize(self._text, index))
        if self._pdfium.FPDFText_GetMatrix(self._text, index, self._matrix):
            size *= math.hypot(self._matrix.c, self._matrix.d)
        return round(size, 1) or 1.0

    def _is_bold(self, index: int) -> bool:
        name = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        self._pdfium.FPDFText_GetFontInfo(self._text, index, name, 128, flags)
        folded = name.value.decode("utf-8", "replace").casefold()
        return any(sign in folded for sign in _BOLD)


def _shares(pdfium: Any, page: Any) -> Callable[[float, float], tuple[float, float]]:
    """Return the map from the page's own units to shares of its width and height.

    pdfium knows about rotation and the visible box; three points give the whole affine map.
    """
    x, y = ctypes.c_int(), ctypes.c_int()

    def place(across: float, down: float) -> tuple[int, int]:
        pdfium.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, across, down, x, y)
        return x.value, y.value

    reach = 1000.0
    x0, y0 = place(0, 0)
    xa, ya = place(reach, 0)
    xb, yb = place(0, reach)
    unit = reach * _GRID
    a, b, c, d = (xa - x0) / unit, (xb - x0) / unit, (ya - y0) / unit, (yb - y0) / unit
    left, top = x0 / _GRID, y0 / _GRID

    def share(across: float, up: float) -> tuple[float, float]:
        return (
            _clip(left + a * across + b * up),
            _clip(top + c * across + d * up),
        )

    return share


def _clip(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 6)
