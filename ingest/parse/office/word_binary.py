"""Word's binary files ([MS-DOC], Word 97 to 2003; the plain ones of Word 6 and 95), in pieces.

A file's text is a list of pieces in one stream. What letters and paragraphs look like stands on
pages of 512 bytes that are found by the place of the letters in the file, not in the text.
"""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from ingest.errors import (
    SPLIT_IT,
    BrokenDocumentError,
    EncryptedDocumentError,
    ParseLimitError,
)

_ENCRYPTED = 0x0100
_SECOND_TABLE = 0x0200
_IN_PIECES = 0x0004
_WORD_97 = 0xC1
_PAGE = 512
_MOST_PIECES = 200_000
_MOST_BYTES = 40_000_000
"""Of text; pieces may say the same bytes again and again."""
_FONT_NAME = 40
"""Bytes of a font's entry before its name."""
_TEXTS = 0x4C
"""Where the lengths of the text's stories begin, in characters."""
_STORIES = (
    "body",
    "footnotes",
    "headers",
    "",
    "comments",
    "endnotes",
    "text boxes",
    "header boxes",
)
_TABLES = 0x9A
_STYLES, _LETTER_PAGES, _PARAGRAPH_PAGES, _FONTS, _PIECES = 1, 12, 13, 15, 33
"""Places in the list of tables that begins at ``_TABLES``."""
_CODE_PAGES = {
    0x01: "cp1256", 0x02: "cp1251", 0x04: "gbk", 0x05: "cp1250", 0x08: "cp1253", 0x0D: "cp1255",
    0x0E: "cp1250", 0x11: "cp932", 0x12: "cp949", 0x15: "cp1250", 0x18: "cp1250", 0x19: "cp1251",
    0x1E: "cp874", 0x1F: "cp1254", 0x22: "cp1251", 0x23: "cp1251",
}  # fmt: skip
"""Of a Word 6 or 95 file by the primary language that it names; any other has cp1252."""
_OPERAND = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
"""Bytes of a property's operand by its kind; of kind 6 the operand says its length."""
_TABLE_DEFINITION = 0xD608
_HEADINGS = range(1, 10)
_OUTLINE = 0x2640
_OF_PARAGRAPHS, _NO_STYLE = 1, 0xFFF
_TITLE = 62
"""The number of the built-in style "Title"."""

Properties = dict[int, bytes]
"""A property's code and its operand; of one that stands twice the later."""
_NONE: Properties = {}


class Piece(NamedTuple):
    """A run of text that stands together in the file."""

    start: int
    """In characters of the whole text."""
    end: int
    offset: int
    """In bytes of the stream."""
    width: int
    """Bytes of a character: 1 is cp1252, 2 is UTF-16."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character with its place in the file."""

    sign: str
    offset: int


class WordBinary:
    """The text of a file, story by story, and the properties of its letters and paragraphs."""

    def __init__(self, stream: bytes, table: Callable[[str], bytes]) -> None:
        """Read the head of the stream ``WordDocument``; ``table`` gives the stream of a name.

        Raises:
            BrokenDocumentError: the head says nothing that is there.
            EncryptedDocumentError: it needs a password.

        """
        self._stream = stream
        self.version, flags = _word(stream, 2), _word(stream, 10)
        if flags & _ENCRYPTED:
            raise EncryptedDocumentError(
                "This document is protected by a password. Upload a copy without one."
            )
        self._is_old = self.version < _WORD_97
        if self._is_old and flags & _IN_PIECES:
            raise BrokenDocumentError(
                "This is a file of Word 95 or older that was saved in pieces. Save it as DOCX."
            )
        self._language = _word(stream, 6)
        self._table = (
            b"" if self._is_old else table("1Table" if flags & _SECOND_TABLE else "0Table")
        )

    def stories(self) -> Iterator[tuple[str, Iterator[Letter]]]:
        """Yield the name and the characters of each story, the body first.

        They stand one after the other: read each to its end before the next.

        Raises:
            ParseLimitError: there are more characters than anybody reads.

        """
        if self._is_old:
            first, last = _long(self._stream, 0x18), _long(self._stream, 0x1C)
            encoding = _CODE_PAGES.get(self._language & 0x3FF, "cp1252")
            text = self._stream[first:last].decode(encoding, "replace")
            yield "body", (Letter(sign, first + i) for i, sign in enumerate(text))
            return
        letters = self._letters()
        for index, name in enumerate(_STORIES):
            story = islice(letters, _long(self._stream, _TEXTS + 4 * index))
            yield name, story

    def _letters(self) -> Iterator[Letter]:
        count = 0
        for piece in self._pieces:
            size = piece.width * max(0, piece.end - piece.start)
            data = self._stream[piece.offset : piece.offset + size]
            count += len(data)
            if count > _MOST_BYTES:
                raise ParseLimitError(f"This document has too much text to read. {SPLIT_IT}")
            offset = piece.offset
            for sign in data.decode("cp1252" if piece.width == 1 else "utf-16-le", "replace"):
                yield Letter(sign, offset)
                offset += len(sign.encode("utf-16-le")) // 2 * piece.width

    @cached_property
    def _pieces(self) -> list[Piece]:
        start, length = self._place(_PIECES)
        list_of_pieces = self._table[start : start + length]
        at = 0
        while at < len(list_of_pieces) and list_of_pieces[at] == 1:
            at += 3 + _word(list_of_pieces, at + 1)
        size = _long(list_of_pieces, at + 1)
        body = list_of_pieces[at + 5 : at + 5 + size]
        count = (len(body) - 4) // 12
        if not 0 < count <= _MOST_PIECES:
            raise BrokenDocumentError(
                "This document is damaged: it does not say where its text is."
            )
        bounds = struct.unpack_from(f"<{count + 1}I", body)
        pieces = []
        for index in range(count):
            place = _long(body, 4 * (count + 1) + 8 * index + 2)
            is_narrow = bool(place & 0x40000000)
            offset = (place & 0x3FFFFFFF) // 2 if is_narrow else place & 0x3FFFFFFF
            pieces.append(Piece(bounds[index], bounds[index + 1], offset, 1 if is_narrow else 2))
        return pieces

    def _place(self, table: int) -> tuple[int, int]:
        at = _TABLES + 8 * table
        return _long(self._stream, at), _long(self._stream, at + 4)

    def of_letters(self, offset: int) -> Properties:
        """Return the properties of the letter at a place of the file."""
        return self._letter_pages.at(offset)[1]

    def of_paragraph(self, offset: int) -> tuple[int, Properties]:
        """Return the style and the properties of the paragraph that holds a place of the file."""
        return self._paragraph_pages.at(offset)

    @cached_property
    def _letter_pages(self) -> "_Pages":
        return _Pages(self._stream, self._page_list(_LETTER_PAGES), is_paragraphs=False)

    @cached_property
    def _paragraph_pages(self) -> "_Pages":
        return _Pages(self._stream, self._page_list(_PARAGRAPH_PAGES), is_paragraphs=True)

    def _page_list(self, table: int) -> list[tuple[int, int]]:
        """Return where each page begins: the first place it tells of, and its number."""
        if self._is_old:
            return []
        start, length = self._place(table)
        body = self._table[start : start + length]
        count = max(0, (len(body) - 4) // 8)
        bounds = struct.unpack_from(f"<{count}I", body)
        numbers = struct.unpack_from(f"<{count}I", body, 4 * (count + 1))
        return [(bound, number & 0x3FFFFF) for bound, number in zip(bounds, numbers, strict=True)]

    def heading_level(self, style: int, properties: Properties) -> int:
        """Return the level of a paragraph that is a heading by itself or by its style, or 0."""
        if own := _outline_level(properties):
            return own
        for _ in _HEADINGS:
            entry = self._styles.get(style, StyleEntry(style if style in _HEADINGS else 0, 0, 0))
            if entry.level or entry.base in (style, _NO_STYLE):
                return entry.level
            style = entry.base
        return 0

    @cached_property
    def _styles(self) -> dict[int, "StyleEntry"]:
        if self._is_old:
            return {}
        start, length = self._place(_STYLES)
        sheet = self._table[start : start + length]
        at, styles = 2 + _word(sheet, 0), {}
        for style in range(min(_word(sheet, 2), 5_000)):
            size = _word(sheet, at)
            if size:
                styles[style] = _style(sheet[at + 2 : at + 2 + size], base_size=_word(sheet, 4))
            at += 2 + size
        return styles

    def font(self, number: int) -> str:
        """Return the name of a font, or nothing where there is none of this number."""
        return self._fonts[number] if number < len(self._fonts) else ""

    @cached_property
    def _fonts(self) -> list[str]:
        if self._is_old:
            return []
        start, length = self._place(_FONTS)
        fonts = self._table[start : start + length]
        at, names = 4, []
        for _ in range(min(_word(fonts, 0), 5_000)):
            size = 1 + int.from_bytes(fonts[at : at + 1], "little")
            name = fonts[at + _FONT_NAME : at + size].decode("utf-16-le", "replace")
            names.append(name.partition("\0")[0])
            at += size
        return names


@dataclass(frozen=True, slots=True)
class StyleEntry:
    """A style: the level of headings that have it, or 0."""

    built_in: int
    base: int
    outline: int

    @property
    def level(self) -> int:
        """The level of a heading of this style; 0 where it says nothing of one."""
        if self.built_in == _TITLE:
            return 1
        return self.built_in if self.built_in in _HEADINGS else self.outline


def _style(entry: bytes, *, base_size: int) -> StyleEntry:
    """Read an entry of the style sheet: its head, its name, then the paragraph's properties."""
    built_in, base = _word(entry, 0) & 0xFFF, _word(entry, 2) >> 4
    outline = 0
    if _word(entry, 2) & 0xF == _OF_PARAGRAPHS:
        at = base_size + 2 + 2 * _word(entry, base_size) + 2
        size = _word(entry, at)
        outline = _outline_level(properties(entry[at + 4 : at + 2 + size]))
    return StyleEntry(built_in, base, outline)


def _outline_level(paragraph: Properties) -> int:
    """Return the level that a property says, from 1; 0 where it is body text."""
    level = int.from_bytes(paragraph.get(_OUTLINE, b"\x09")[:1], "little")
    return level + 1 if level + 1 in _HEADINGS else 0


class _Pages:
    """Properties by their place in the file, a page of 512 bytes at a time."""

    def __init__(self, stream: bytes, pages: list[tuple[int, int]], *, is_paragraphs: bool) -> None:
        self._stream = stream
        self._starts = [start for start, _ in pages]
        self._numbers = [number for _, number in pages]
        self._is_paragraphs = is_paragraphs
        self._latest: tuple[int, int, tuple[int, Properties]] = (0, 0, (0, _NONE))
        self._read: dict[int, tuple[list[int], list[tuple[int, Properties]]]] = {}

    def at(self, offset: int) -> tuple[int, Properties]:
        """Return the style and the properties of the run that holds a place of the file."""
        first, end, run = self._latest
        if not first <= offset < end:
            self._latest = first, end, run = self._run(offset)
        return run

    def _run(self, offset: int) -> tuple[int, int, tuple[int, Properties]]:
        index = bisect_right(self._starts, offset) - 1
        unknown = offset, offset + 1, (0, _NONE)
        if index < 0:
            return unknown
        number = self._numbers[index]
        if number not in self._read:
            self._read[number] = self._page(number)
        bounds, runs = self._read[number]
        run = bisect_right(bounds, offset) - 1
        return (bounds[run], bounds[run + 1], runs[run]) if 0 <= run < len(runs) else unknown

    def _page(self, number: int) -> tuple[list[int], list[tuple[int, Properties]]]:
        page = self._stream[_PAGE * number : _PAGE * (number + 1)]
        if len(page) < _PAGE:
            return [], []
        count, step = page[-1], 13 if self._is_paragraphs else 1
        if 4 * (count + 1) + step * count >= _PAGE:
            return [], []
        bounds = list(struct.unpack_from(f"<{count + 1}I", page))
        first = 4 * (count + 1)
        read_run = _paragraph_run if self._is_paragraphs else _letter_run
        return bounds, [read_run(page, 2 * page[first + step * run]) for run in range(count)]


def _letter_run(page: bytes, at: int) -> tuple[int, Properties]:
    return (0, properties(page[at + 1 : at + 1 + page[at]])) if at else (0, _NONE)


def _paragraph_run(page: bytes, at: int) -> tuple[int, Properties]:
    if not at:
        return 0, _NONE
    first, size = (at + 1, 2 * page[at] - 1) if page[at] else (at + 2, 2 * page[at + 1])
    body = page[first : first + size]
    return (_word(body, 0), properties(body[2:])) if len(body) > 1 else (0, _NONE)


def properties(data: bytes) -> Properties:
    """Read a list of properties (``Prl``); one that breaks off ends it."""
    result: Properties = {}
    at = 0
    while at + 2 < len(data):
        code = _word(data, at)
        at += 2
        kind = code >> 13
        if code == _TABLE_DEFINITION:
            size, at = _word(data, at) - 1, at + 2
        elif kind in _OPERAND:
            size = _OPERAND[kind]
        else:
            size, at = data[at], at + 1
        result[code] = data[at : at + size]
        at += max(size, 0)
    return result


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _long(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")
