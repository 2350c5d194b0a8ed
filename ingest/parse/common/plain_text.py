"""Plain text and tables of text: decoding, paragraphs, rows."""

import codecs
import re
from collections.abc import Iterator
from typing import Literal

from ingest.errors import EmptyDocumentError, UnsupportedTypeError
from ingest.parse.common.csv_dialect import find_dialect
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, clean
from ingest.parse.common.encodings import (
    EncodingGuess,
    codec_of_label,
    escaped_encoding,
    guess_encoding,
    wide_encoding,
)
from ingest.parse.common.file import File
from ingest.parse.common.line_ends import join_wrapped
from ingest.types import Block, ParsedDocument

MEDIA_TYPE = "text/plain"
CSV_MEDIA_TYPE = "text/csv"
PARSER = "footnote text 1"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""(?:<\?xml[^>]*encoding=|<meta[^>]*charset=|@charset\s|coding[:=]\s*)["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_GAP = re.compile(r"\n[^\S\n]*\n")
_HEAD = 8192
_LAYOUT = frozenset("\t\n\r\x0b\x0c\x1b")
"""Control characters that stand in texts."""
_KOREAN_ESCAPE = b"\x1b$)C"
"""The start of ISO-2022-KR, which shifts by control characters."""
_REPLACED = "\ufffd"


def parse_text(file: File) -> ParsedDocument:
    """Read plain text as it is; only newlines are made alike. Empty lines separate paragraphs.

    Lines of Chinese and Japanese that were wrapped at a width are joined: a line end in the middle
    of a word would hide it from a search.

    Raises:
        EmptyDocumentError: there is nothing but white space.

    """
    decoded, warnings = decode(file.data)
    text = join_wrapped(decoded)
    blocks = tuple(Block("paragraph", start, end) for start, end in _paragraphs(text))
    if not blocks:
        raise EmptyDocumentError("There is no text in this document.")
    return ParsedDocument(text, blocks, MEDIA_TYPE, PARSER, warnings=warnings)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in [*_GAP.finditer(text), None]:
        end = gap.start() if gap else len(text)
        paragraph = text[start:end]
        if paragraph.strip():
            lead = len(paragraph) - len(paragraph.lstrip("\n"))
            yield start + lead, start + len(paragraph.rstrip())
        start = gap.end() if gap else end


def parse_csv(file: File) -> ParsedDocument:
    """Read rows of separated values: a line for each row, cells separated by `` | ``.

    Lines of one value before the first row of several, such as a report's name, are paragraphs.
    """
    text, warnings = decode(file.data)
    values = (
        [" ".join(cell.split()) for cell in row] for row in find_dialect(text, file.name).rows(text)
    )
    rows = [row for row in values if any(row)]
    first = next((at for at, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    pieces = [TextPiece("paragraph", "".join(row)) for row in rows[:first]]
    pieces.append(TextPiece("table", "\n".join(" | ".join(row) for row in rows[first:])))
    return assemble(pieces, SourceText(CSV_MEDIA_TYPE, PARSER, warnings=warnings))


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a text file and say in a warning where its encoding had to be guessed.

    Tried in order: a byte order mark, UTF-16 by its signs, escapes as in ISO-2022-JP, UTF-8, what
    the file declares, UTF-8 with a few broken bytes replaced, UTF-8 and another encoding line by
    line, a guess.

    Raises:
        UnsupportedTypeError: it is not text in any encoding.

    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return clean(data[len(mark) :].decode(name, "replace")), ()
    if is_binary(data):
        raise UnsupportedTypeError("This file is not text and not of a type that can be read.")
    encodings = (_wide(data), escaped_encoding(data), "utf-8", _find_declared(data))
    for encoding in encodings:
        exact = _strictly(data, encoding) if encoding else None
        if exact is not None:
            return clean(exact), ()
    guessed, warnings = _guess(data)
    return clean(guessed), warnings


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(data: bytes) -> str | None:
    """Tell UTF-16 without a mark: every other byte is zero in most texts, or all is of a script."""
    head = data[: min(_HEAD, len(data) // 2 * 2)]
    if 0 not in head:
        return None
    for zeros, others, name in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        has_many_zeros = head[zeros::2].count(0) > 0.4 * len(head) / 2
        if (
            has_many_zeros
            and 0 not in head[others::2]
            and not _is_noise(head.decode(name, "replace"))
        ):
            return name
    return wide_encoding(head)


def _is_noise(text: str) -> bool:
    controls = sum(ord(letter) < 32 and letter not in _LAYOUT for letter in text)  # noqa: PLR2004
    return controls > 0.05 * len(text)


def _find_declared(data: bytes) -> str | None:
    """Return the codec that a file names; an ASCII declaration cannot stand in UTF-16."""
    match = _DECLARED.search(data[:2048])
    codec = codec_of_label(match.group(1).decode("ascii", "replace")) if match else None
    return None if codec and codec.startswith(("utf-16", "utf-32")) else codec


def _guess(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode what is not UTF-8, or not all of it: as a whole, or line by line where it is mixed."""
    lines = data.splitlines(keepends=True)
    kinds = [_kind_of_line(line) for line in lines]
    others = b"".join(line for line, kind in zip(lines, kinds, strict=True) if kind == "other")
    whole = guess_encoding(data) if others else None
    is_mixed = "utf-8" in kinds or "broken" in kinds
    if whole and (not is_mixed or (whole.is_multibyte and _strictly(data, whole.name) is not None)):
        return data.decode(whole.name, "replace"), (_guess_warning("This is", whole),)
    guess = guess_encoding(others) if others else None
    text = "".join(
        line.decode(guess.name if guess and kind == "other" else "utf-8", "replace")
        for line, kind in zip(lines, kinds, strict=True)
    )
    warnings = []
    if guess:
        warnings.append(_guess_warning(f"{kinds.count('other')} lines are", guess))
    if places := text.count(_REPLACED):
        warnings.append(f"{places} places are not valid UTF-8 and were replaced by \ufffd.")
    return text, tuple(warnings)


def _kind_of_line(line: bytes) -> Literal["ascii", "utf-8", "broken", "other"]:
    """Tell how a line is written; ``broken`` is UTF-8 with a few wrong bytes."""
    if line.isascii():
        return "ascii"
    text = line.decode("utf-8", "replace")
    replacements = text.count(_REPLACED)
    if not replacements:
        return "utf-8"
    foreign = sum(not letter.isascii() for letter in text) - replacements
    return "broken" if foreign >= 4 * replacements else "other"


def _guess_warning(subject: str, guess: EncodingGuess) -> str:
    doubt = f" It may also be {guess.rival}: look at its letters." if guess.rival else ""
    noun = "they were" if subject.endswith("are") else "it was"
    return f"{subject} not UTF-8; {noun} read as {guess.name}.{doubt}"


def has_mark(data: bytes) -> bool:
    """Tell whether a byte order mark says which Unicode encoding follows."""
    return any(data.startswith(mark) for mark, _ in _MARKS)


def is_binary(data: bytes) -> bool:
    """Tell whether no text encoding explains the first bytes: zeros, many control characters."""
    head = data[:_HEAD]
    if _KOREAN_ESCAPE in head[:200]:
        return False
    return not _wide(head) and (0 in head or _is_noise(head.decode("latin-1")))
