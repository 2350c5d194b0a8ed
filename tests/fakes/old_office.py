"""Older Word and PowerPoint files (MS-DOC, MS-PPT), as small as they can be."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.fakes.compound import compound

Runs = Sequence[tuple[str, bytes]]
"""Letters and their properties."""


def prl(code: int, operand: bytes) -> bytes:
    """Return a property of Word's."""
    return struct.pack("<H", code) + operand


@dataclass(frozen=True)
class Line:
    """A paragraph with its end: a carriage return, or a bell after a cell and a row."""

    runs: Runs
    style: int = 0
    properties: bytes = b""


@dataclass(frozen=True)
class Style:
    """A paragraph style: the number of a built-in one, the one it is based on, its properties."""

    built_in: int = 0xFFE
    base: int = 0xFFF
    properties: bytes = b""


def line(text: str, style: int = 0, properties: bytes = b"", end: str = "\r") -> Line:
    return Line([(text + end, b"")], style, properties)


_TEXT, _LETTER_PAGE, _PARAGRAPH_PAGE = 0xC00, 4, 5
_FIRST_TABLE, _PLACES = 0x0200, 0x9A


def word_file(
    stories: Mapping[int, Sequence[Line]],
    *,
    styles: Mapping[int, Style] | None = None,
    fonts: Sequence[str] = (),
    width: int = 2,
    flags: int = 0,
    others: Mapping[str, object] | None = None,
) -> bytes:
    """Return a file of Word 97. Stories by place: 0 body, 1 footnotes, 2 headers, 4 comments."""
    lines = [one for place in sorted(stories) for one in stories[place]]
    encoding = "utf-16-le" if width == 2 else "cp1252"
    runs = [run for one in lines for run in one.runs]
    text = "".join(letters for letters, _ in runs)
    head = bytearray(_TEXT)
    struct.pack_into("<HHHHH", head, 0, 0xA5EC, 0xC1, 0, 0, 0)
    struct.pack_into("<H", head, 10, _FIRST_TABLE | flags)
    for place, story in stories.items():
        length = sum(len(letters) for one in story for letters, _ in one.runs)
        struct.pack_into("<I", head, 0x4C + 4 * place, length)
    bounds = _bounds([letters for letters, _ in runs], width)
    head[512 * _LETTER_PAGE : 512 * (_LETTER_PAGE + 1)] = _letter_page(bounds, runs)
    whole = ["".join(letters for letters, _ in one.runs) for one in lines]
    page = _paragraph_page(_bounds(whole, width), lines)
    head[512 * _PARAGRAPH_PAGE : 512 * (_PARAGRAPH_PAGE + 1)] = page
    place = _TEXT if width == 2 else 2 * _TEXT | 0x40000000
    pieces = struct.pack("<II", 0, len(text)) + struct.pack("<HIH", 0, place, 0)
    tables = {
        1: _style_sheet(styles or {}),
        12: struct.pack("<III", _TEXT, bounds[-1], _LETTER_PAGE),
        13: struct.pack("<III", _TEXT, bounds[-1], _PARAGRAPH_PAGE),
        15: struct.pack("<HH", len(fonts), 0) + b"".join(map(_font, fonts)),
        33: b"\x02" + struct.pack("<I", len(pieces)) + pieces,
    }
    table = b""
    for number, content in tables.items():
        struct.pack_into("<II", head, _PLACES + 8 * number, len(table), len(content))
        table += content
    document = bytes(head) + text.encode(encoding)
    return compound({"WordDocument": document, "1Table": table, **(others or {})})


def _bounds(texts: Sequence[str], width: int) -> list[int]:
    bounds = [_TEXT]
    for text in texts:
        bounds.append(bounds[-1] + width * len(text))
    return bounds


def _letter_page(bounds: Sequence[int], runs: Runs) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    end = 510
    for index, (_, properties) in enumerate(runs):
        if properties:
            end = (end - len(properties) - 1) // 2 * 2
            page[end : end + 1 + len(properties)] = bytes([len(properties)]) + properties
            page[4 * len(bounds) + index] = end // 2
    page[511] = len(runs)
    return bytes(page)


def _paragraph_page(bounds: Sequence[int], lines: Sequence[Line]) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(bounds)}I", page, 0, *bounds)
    end = 510
    for index, one in enumerate(lines):
        body = struct.pack("<H", one.style) + one.properties
        packed = b"\0" + bytes([-(-len(body) // 2)]) + body
        end = (end - len(packed)) // 2 * 2
        page[end : end + len(packed)] = packed
        page[4 * len(bounds) + 13 * index] = end // 2
    page[511] = len(lines)
    return bytes(page)


def _style_sheet(styles: Mapping[int, Style]) -> bytes:
    count = max(styles, default=0) + 1
    sheet = struct.pack("<HHH", 18, count, 10).ljust(20, b"\0")
    for number in range(count):
        style = styles.get(number)
        entry = _style(style) if style else b""
        sheet += struct.pack("<H", len(entry)) + entry
    return sheet


def _style(style: Style) -> bytes:
    head = struct.pack("<HHHHH", style.built_in, 1 | style.base << 4, 1, 0, 0)
    name = "Any"
    named = struct.pack("<H", len(name)) + name.encode("utf-16-le") + b"\0\0"
    body = struct.pack("<H", 0) + style.properties
    return head + named + struct.pack("<H", len(body)) + body


def _font(name: str) -> bytes:
    body = bytes(39) + name.encode("utf-16-le") + b"\0\0"
    return bytes([len(body)]) + body


def record(kind: int, content: bytes = b"", *, instance: int = 0, inner: bool = False) -> bytes:
    """Return a record of PowerPoint's."""
    return struct.pack("<HHI", instance << 4 | (0xF if inner else 0), kind, len(content)) + content


def text_records(kind: int, words: str) -> bytes:
    """Return the kind of a text and its words: narrow where they can be."""
    try:
        body = record(0x0FA8, words.encode("latin-1"))
    except UnicodeEncodeError:
        body = record(0x0FA0, words.encode("utf-16-le"))
    return record(0x0F9F, struct.pack("<I", kind)) + body


def shape(content: bytes, place: tuple[int, int, int, int], *, anchor: int = 0xF010) -> bytes:
    """Return a shape at left, top, right, bottom with the records of its text box."""
    left, top, right, bottom = place
    fields = (
        struct.pack("<4h", top, left, right, bottom)
        if anchor == 0xF010
        else struct.pack("<4i", left, top, right, bottom)
    )
    return record(0xF004, record(anchor, fields) + record(0xF00D, content), inner=True)


def table_shape(cells: Sequence[tuple[str, tuple[int, int, int, int]]]) -> bytes:
    """Return a table: a group whose own shape says so, and a shape for each cell."""
    span = record(0xF009, bytes(16)) + record(0xF122, struct.pack("<HI", 0x039F, 1), instance=1)
    group = record(
        0xF004, span + record(0xF010, struct.pack("<4h", 500, 100, 900, 900)), inner=True
    )
    inner = b"".join(shape(text_records(4, words), place, anchor=0xF00F) for words, place in cells)
    return record(0xF003, group + inner, inner=True)


@dataclass(frozen=True)
class Slide:
    """A slide: its shapes, the texts of its outline, its notes."""

    shapes: Sequence[bytes] = ()
    outline: Sequence[tuple[int, str]] = ()
    notes: str = ""
    is_hidden: bool = False
    more: bytes = field(default=b"")


def powerpoint_file(
    slides: Sequence[Slide], *, older: Sequence[Slide] = (), token: int = 0xE391C05F
) -> bytes:
    """Return a presentation; ``older`` slides were there before the last save."""
    stream, edit = b"", 0
    for save in filter(None, (older, slides)):
        stream, edit = _saved(stream, save, edit)
    user = struct.pack("<HHIIII", 0, 0x0FF6, 0x14, 0x14, token, edit)
    return compound({"PowerPoint Document": stream, "Current User": user})


def _saved(stream: bytes, slides: Sequence[Slide], last: int) -> tuple[bytes, int]:
    places: dict[int, int] = {}
    listed = noted = b""
    for number, slide in enumerate(slides):
        places[10 + number] = len(stream)
        stream += _slide(slide, 500 + number if slide.notes else 0)
        outline = b"".join(text_records(*text) for text in slide.outline)
        listed += (
            record(0x03F3, struct.pack("<IIIII", 10 + number, 0, 0, 256 + number, 0)) + outline
        )
        if slide.notes:
            places[50 + number] = len(stream)
            stream += _page_of_notes(slide.notes)
            noted += record(0x03F3, struct.pack("<IIIII", 50 + number, 0, 0, 500 + number, 0))
    places[1] = len(stream)
    lists = record(0x0FF0, listed, inner=True) + record(0x0FF0, noted, instance=2, inner=True)
    stream += record(0x03E8, lists, inner=True)
    directory = len(stream)
    entries = b"".join(struct.pack("<II", n | 1 << 20, at) for n, at in places.items())
    stream += record(0x1772, entries)
    edit = len(stream)
    return stream + record(0x0FF5, struct.pack("<7I", 0, 0, last, directory, 1, 0, 0)), edit


def _slide(slide: Slide, notes: int) -> bytes:
    atom = record(0x03EF, struct.pack("<I8xIII", 0, 0, notes, 0))
    show = record(0x03F9, bytes(10) + bytes([0x04, 0])) if slide.is_hidden else b""
    group = record(0xF003, b"".join(slide.shapes), inner=True)
    drawing = record(0x040C, record(0xF002, group, inner=True), inner=True)
    return record(0x03EE, atom + show + drawing + slide.more, inner=True)


def _page_of_notes(words: str) -> bytes:
    box = shape(text_records(2, words), (0, 0, 10, 10))
    group = record(0xF003, box, inner=True)
    return record(0x03F0, record(0x040C, record(0xF002, group, inner=True), inner=True), inner=True)
