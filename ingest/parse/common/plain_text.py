"""Plain text and tables of text: decoding, paragraphs, rows."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from ingest.errors import EmptyDocumentError, UnsupportedTypeError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, clean
from ingest.parse.common.file import File
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
_REPLACED = "\ufffd"


def parse_text(file: File) -> ParsedDocument:
    """Read plain text as it is; only newlines are made alike. Empty lines separate paragraphs.

    Raises:
        EmptyDocumentError: there is nothing but white space.

    """
    text, warnings = decode(file.data)
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
    """Read rows of separated values: a line for each row, cells separated by `` | ``."""
    text, warnings = decode(file.data)
    csv.field_size_limit(max(len(text) + 1, csv.field_size_limit()))  # for the whole process
    rows = [" | ".join(" ".join(cell.split()) for cell in row) for row in _rows(text, file.name)]
    table = TextPiece("table", "\n".join(row for row in rows if row.strip(" |")))
    return assemble([table], SourceText(CSV_MEDIA_TYPE, PARSER, warnings=warnings))


def _rows(text: str, filename: str) -> Iterator[list[str]]:
    default = "\t" if filename.lower().endswith(".tsv") else ","
    try:
        dialect = csv.Sniffer().sniff(text[:_HEAD], delimiters=",;\t|")
    except csv.Error:
        return csv.reader(io.StringIO(text), delimiter=default)
    return csv.reader(io.StringIO(text), dialect)


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a text file and say in a warning where its encoding had to be guessed.

    Tried in order: a byte order mark, UTF-8, UTF-16 by its zero bytes, what the file declares,
    UTF-8 with a few broken bytes replaced, a guess.

    Raises:
        UnsupportedTypeError: it is not text in any encoding.

    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return clean(data[len(mark) :].decode(name, "replace")), ()
    if is_binary(data):
        raise UnsupportedTypeError("This file is not text and not of a type that can be read.")
    for encoding in ("utf-8", _wide(data), _find_declared(data)):
        exact = _strictly(data, encoding) if encoding else None
        if exact is not None:
            return clean(exact), ()
    guessed, warning = _guess(data)
    return clean(guessed), (warning,)


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(data: bytes) -> str | None:
    """Tell UTF-16 without a mark: every other byte is zero in most texts."""
    head = data[: min(_HEAD, len(data) // 2 * 2)]
    for zeros, others, name in ((1, 0, "utf-16-le"), (0, 1, "utf-16-be")):
        has_many_zeros = head[zeros::2].count(0) > 0.4 * len(head) / 2
        if (
            head
            and has_many_zeros
            and 0 not in head[others::2]
            and not _is_noise(head.decode(name, "replace"))
        ):
            return name
    return None


def _is_noise(text: str) -> bool:
    controls = sum(ord(letter) < 32 and letter not in _LAYOUT for letter in text)  # noqa: PLR2004
    return controls > 0.05 * len(text)


def _find_declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:2048])
    return match.group(1).decode("ascii", "replace") if match else None


def _guess(data: bytes) -> tuple[str, str]:
    replaced = data.decode("utf-8", "replace")
    replacements = replaced.count(_REPLACED)
    foreign = sum(not letter.isascii() for letter in replaced) - replacements
    if foreign >= 4 * replacements:
        return replaced, f"{replacements} places are not valid UTF-8 and were replaced by \ufffd."
    from charset_normalizer import from_bytes

    best = from_bytes(data[: 1 << 18]).best()
    name = best.encoding if best else "cp1252"
    return data.decode(name, "replace"), f"This is not UTF-8; it was read as {name}."


def has_mark(data: bytes) -> bool:
    """Tell whether a byte order mark says which Unicode encoding follows."""
    return any(data.startswith(mark) for mark, _ in _MARKS)


def is_binary(data: bytes) -> bool:
    """Tell whether no text encoding explains the first bytes: zeros, many control characters."""
    head = data[:_HEAD]
    return not _wide(head) and (0 in head or _is_noise(head.decode("latin-1")))
