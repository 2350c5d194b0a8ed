"""Pictures of text to text, by Tesseract where it is installed.

Tesseract runs as a program of its own with a time limit. A sandbox that forbids programs makes
this fail with ``REFUSED``, so that the file can be read again where the one program is allowed.
"""

import io
import shutil
import subprocess
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ingest.errors import (
    SAVE_A_NEW_COPY,
    BrokenDocumentError,
    EmptyDocumentError,
    ParseLimitError,
    UnsupportedTypeError,
)
from ingest.parse.common.document_builder import Place, SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.types import ParsedDocument

MEDIA_TYPE = "image/*"

_SECONDS = 60
_MOST_PIXELS = 40_000_000
_LEAST_CONFIDENCE = 20.0
_COLUMNS = [
    "level",
    "page_num",
    "block_num",
    "par_num",
    "line_num",
    "word_num",
    "left",
    "top",
    "width",
    "height",
    "conf",
    "text",
]
_MISSING = (
    "This is a picture of text. Text recognition is not installed here: ask the operator to "
    "install Tesseract (apt-get install tesseract-ocr), or upload a copy with text."
)

REFUSED = "This is a picture of text, and text recognition could not be started for it."


def can_recognise() -> bool:
    """Tell whether Tesseract is installed."""
    return shutil.which("tesseract") is not None


def parse_image(file: File) -> ParsedDocument:
    """Recognise the text of a PNG, JPEG, TIFF, GIF, BMP or WebP picture.

    Raises:
        UnsupportedTypeError: Tesseract is not installed or may not run.
        EmptyDocumentError: no text is seen.
        ParseLimitError: too many pixels, or too slow.

    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(file.data)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise ParseLimitError(
                    "This picture has more than 40 million pixels. Upload a smaller copy."
                )
            pieces = recognise(picture.convert("RGB"), page=None)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError) as error:
        raise BrokenDocumentError(f"This picture is damaged. {SAVE_A_NEW_COPY}") from error
    if not pieces:
        raise EmptyDocumentError(
            "No text was recognised in this picture. Upload a sharper copy, or the text itself."
        )
    warning = "The text was recognised from a picture and may hold mistakes."
    return assemble(pieces, SourceText(MEDIA_TYPE, "tesseract", warnings=(warning,)))


def recognise(image: Any, page: int | None, seconds: float = _SECONDS) -> list[TextPiece]:
    """Return the paragraphs that Tesseract sees, with a box for each word where ``page`` is set.

    Raises:
        UnsupportedTypeError: Tesseract is not installed or may not run.
        ParseLimitError: it took more than ``seconds``.

    """
    out = io.BytesIO()
    image.save(out, "PPM")
    program = shutil.which("tesseract")
    if program is None:
        raise UnsupportedTypeError(_MISSING)
    try:
        process = subprocess.run(  # noqa: S603 - a fixed command; the picture comes on its input
            [program, "stdin", "stdout", "tsv"],
            input=out.getvalue(), capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise ParseLimitError(
            "Recognising the text of this picture takes too long. Upload a smaller copy."
        ) from error
    except OSError as error:
        raise UnsupportedTypeError(REFUSED) from error
    if process.returncode != 0:
        raise UnsupportedTypeError(_MISSING)
    lines = process.stdout.decode("utf-8", "replace").split("\n")
    rows = [dict(zip(_COLUMNS, line.split("\t"), strict=False)) for line in lines[1:]]
    return list(_paragraphs(rows, page, image.size))


def _paragraphs(rows: Any, page: int | None, size: tuple[int, int]) -> Iterator[TextPiece]:
    words = [row for row in rows if row.get("level") == "5" and _is_sure(row)]
    for _, group in groupby(words, key=lambda row: (row["block_num"], row["par_num"])):
        strings: list[str] = []
        boxes: list[Place] = []
        start = 0
        line = None
        for row in group:
            gap = "" if line is None else " " if line == row["line_num"] else "\n"
            word = "".join(letter for letter in row["text"] if letter.isprintable()).strip()
            line, start = row["line_num"], start + len(gap)
            if page is not None:
                boxes.append(_box(row, start, start + len(word), page, size))
            strings += [gap, word]
            start += len(word)
        yield TextPiece("paragraph", "".join(strings), page=page, boxes=boxes)


def _is_sure(row: dict[str, str]) -> bool:
    return bool(row.get("text", "").strip()) and float(row["conf"]) >= _LEAST_CONFIDENCE


def _box(row: dict[str, str], start: int, end: int, page: int, size: tuple[int, int]) -> Place:
    left, top, wide, high = (int(row[name]) for name in ("left", "top", "width", "height"))
    across, down = size
    return (
        start, end, page,
        left / across, top / down, min(1.0, (left + wide) / across), min(1.0, (top + high) / down),
    )  # fmt: skip
