"""Older PowerPoint files (PPT) to text: slide titles as headings, text in reading order, notes."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File, pieces_of_inner
from ingest.parse.common.omissions import INVISIBLE
from ingest.parse.office.embedded_objects import file_in_object
from ingest.parse.office.powerpoint_binary import PowerPointBinary, Record, records
from ingest.parse.office.reading_order import Box, in_reading_order
from ingest.types import ParsedDocument

MEDIA_TYPE = "application/vnd.ms-powerpoint"
PARSER = "footnote ppt 1"

_LIST, _SLIDE_PLACE = 0x0FF0, 0x03F3
_SLIDES, _NOTES = 0, 2
"""Instances of lists."""
_TEXT_KIND, _WIDE_TEXT, _NARROW_TEXT, _OUTLINE_TEXT = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_SLIDE_ATOM, _SHOW = 0x03EF, 0x03F9
_HIDDEN = 0x04
_DRAWING, _GROUP, _SHAPE = 0x040C, 0xF003, 0xF004
_TEXT_BOX, _ANCHOR, _CHILD_ANCHOR, _GROUP_SPAN = 0xF00D, 0xF010, 0xF00F, 0xF009
_TITLES = (0, 6)
"""Kinds of text: a title, and one in the middle of its slide."""
_NOTES_TEXT = 2
_OTHER_TEXT = 4
_MORE_PROPERTIES, _TABLE_PROPERTY = 0xF122, 0x039F
_BLOB, _COMMENT, _STRING = 0x138B, 0x2EE0, 0x0FBA
_OBJECT = 0x1011
_MOST_CELLS = 10_000
_ONE_LINE = 40
"""Units of a slide, 576 to an inch: cells that begin so near to each other are in line."""
_MOST_OBJECTS = 200
_LARGEST_OBJECT = 50_000_000
_LAST = 1 << 40
_FAR = Box(0, 0, _LAST, 0, _LAST)
_DEEPEST = 20


def parse_ppt(file: File) -> ParsedDocument:
    """Read each slide: title as heading, text, notes. The number of a slide is the page.

    Hidden slides are left out. Embedded files stand at the end.

    Raises:
        BrokenDocumentError: the file does not say where its slides are.
        EmptyDocumentError: there is no text on any slide.
        EncryptedDocumentError: it needs a password.

    """
    from olefile import OleFileIO

    with OleFileIO(BytesIO(file.data)) as streams:
        stream = streams.openstream("PowerPoint Document").read()
        binary = PowerPointBinary(streams.openstream("Current User").read(), stream)
        title = streams.get_metadata().title
    document = binary.document()
    warnings: list[str] = []
    pieces: list[TextPiece] = []
    slides = list(_entries(document, _SLIDES))
    notes = {entry.identity: entry for entry in _entries(document, _NOTES)}
    for number, entry in enumerate(slides, start=1):
        slide = binary.object(entry.reference)
        if slide is None:
            warnings.append(f"Slide {number} is damaged; it was left out.")
        elif _is_hidden(slide):
            warnings.append(f"Slide {number} is hidden; it was left out.")
            pieces.append(TextPiece("paragraph", INVISIBLE, page=number))
        else:
            slide_pieces = [*_slide(slide, entry), *_notes(binary, slide, notes)]
            pieces += _on_page(slide_pieces, number, has_heading=_has_heading(pieces))
    embedded = _embedded(file, binary, warnings)
    name = title.decode("utf-8", "replace") if isinstance(title, bytes) else title
    source = SourceText(
        MEDIA_TYPE, PARSER, title=name, pages=len(slides), warnings=first_warnings(warnings)
    )
    return assemble(pieces, source, attached=embedded)


@dataclass(frozen=True, slots=True)
class ListedSlide:
    """A slide or a page of notes as the document lists it."""

    reference: int
    """The number of its object."""
    identity: int
    texts: tuple[tuple[int, str], ...]
    """The kind and the words of each text of its outline."""


@dataclass(frozen=True, slots=True)
class ShapeText:
    """The words of a shape."""

    kind: int
    words: str
    box: Box
    is_table: bool = False


def _entries(document: Record, instance: int) -> Iterator[ListedSlide]:
    for listed in document.children():
        if listed.kind == _LIST and listed.instance == instance:
            place: bytes | None = None
            run: list[Record] = []
            for record in listed.children():
                if record.kind == _SLIDE_PLACE:
                    if place is not None:
                        yield _listed(place, run)
                    place, run = record.data, []
                else:
                    run.append(record)
            if place is not None:
                yield _listed(place, run)


def _listed(place: bytes, run: list[Record]) -> ListedSlide:
    reference, identity = struct.unpack_from("<I8xI", place)
    return ListedSlide(reference, identity, tuple(_texts(run)))


def _texts(run: list[Record]) -> Iterator[tuple[int, str]]:
    """Yield the kind and the words of each text; one without words is there, too."""
    kind: int | None = None
    words = ""
    for record in run:
        if record.kind == _TEXT_KIND:
            if kind is not None:
                yield kind, words
            kind, words = int.from_bytes(record.data[:4], "little"), ""
        elif record.kind == _WIDE_TEXT:
            words = record.data.decode("utf-16-le", "replace")
        elif record.kind == _NARROW_TEXT:
            words = record.data.decode("latin-1")
    if kind is not None:
        yield kind, words


def _slide(slide: Record, entry: ListedSlide) -> Iterator[TextPiece]:
    texts = list(_of_shapes(slide, entry))
    titles = [one for one in texts if one.kind in _TITLES]
    for one in titles:
        yield TextPiece("heading", " ".join(one.words.split()), 1)
    others = [one for one in texts if one.kind not in _TITLES]
    boxes = [one.box._replace(ordinal=ordinal) for ordinal, one in enumerate(others)]
    for box in in_reading_order(boxes):
        one = others[box.ordinal]
        yield TextPiece("table" if one.is_table else "paragraph", _lines(one.words))
    for words in _comments(slide):
        yield TextPiece("paragraph", _lines(words))


def _lines(words: str) -> str:
    return "\n".join(line.strip() for line in words.replace("\x0b", "\r").split("\r"))


def _of_shapes(slide: Record, entry: ListedSlide) -> Iterator[ShapeText]:
    """Yield the texts of the slide's shapes, then those of its outline that no shape shows."""
    drawn_texts: set[int] = set()
    for shape, box in _shapes(slide.child(_DRAWING)):
        if shape.kind == _GROUP:
            yield ShapeText(_OTHER_TEXT, _table(shape), box, is_table=True)
            continue
        text_box = shape.child(_TEXT_BOX)
        if text_box is None:
            continue
        run = list(records_in(text_box))
        reference = next((one for one in run if one.kind == _OUTLINE_TEXT), None)
        if reference is not None:
            index = int.from_bytes(reference.data[:4], "little")
            if index < len(entry.texts) and index not in drawn_texts:
                drawn_texts.add(index)
                yield ShapeText(*entry.texts[index], box)
        else:
            for kind, words in _texts(run):
                yield ShapeText(kind, words, box)
    for index, (kind, words) in enumerate(entry.texts):
        if index not in drawn_texts:
            yield ShapeText(kind, words, _FAR)


def records_in(text_box: Record) -> Iterator[Record]:
    """Yield the records of a text box, which is a container of another kind of file."""
    yield from replace(text_box, is_container=True).children()


def _shapes(drawing: Record | None, depth: int = 0) -> Iterator[tuple[Record, Box]]:
    """Yield each shape with its place; what is in a group stands where the group does."""
    if drawing is None or depth > _DEEPEST:
        return
    for record in drawing.children():
        if record.kind == _SHAPE:
            yield record, _box(record)
        elif record.kind == _GROUP and _is_table(record):
            yield record, _box(record.child(_SHAPE) or record)
        elif record.kind == _GROUP and depth:
            inner = list(_shapes(record, depth + 1))
            place = next((box for shape, box in inner if shape.child(_GROUP_SPAN)), None)
            for shape, box in inner:
                yield shape, box if place is None or _is_whole(place) else place
        else:
            yield from _shapes(record, depth + 1)


def _is_table(group: Record) -> bool:
    """Tell whether a group is a table: a property of its own shape says so."""
    first = group.child(_SHAPE)
    further = first.child(_MORE_PROPERTIES) if first else None
    codes = () if further is None else struct.iter_unpack("<HI", _whole(further.data, 6))
    return any(code & 0x3FFF == _TABLE_PROPERTY for code, _ in codes)


def _whole(data: bytes, size: int) -> bytes:
    return data[: len(data) // size * size]


def _table(group: Record) -> str:
    """Return the rows of a table; a cell stands in each row and column that it spans."""
    cells = []
    for shape, box in _shapes(group, 1):
        text_box = shape.child(_TEXT_BOX)
        if text_box is not None:
            words = " ".join(words for _, words in _texts(list(records_in(text_box))))
            cells.append((box, " ".join(words.split())))
    if not any(words for _, words in cells):
        return ""
    tops = _lines_of(box.top for box, _ in cells)
    lefts = _lines_of(box.left for box, _ in cells)
    if len(tops) * len(lefts) > _MOST_CELLS:
        return "\n".join(words for _, words in cells)
    grid = [["" for _ in lefts] for _ in tops]
    for box, words in cells:
        for row, top in enumerate(tops):
            for column, left in enumerate(lefts):
                if _spans(box.top, box.bottom, top) and _spans(box.left, box.right, left):
                    grid[row][column] = words
    return "\n".join(" | ".join(row) for row in grid)


def _lines_of(places: Iterable[float]) -> list[float]:
    """Return where rows or columns begin: places that are hardly apart are one."""
    lines: list[float] = []
    for place in sorted(places):
        if not lines or place - lines[-1] > _ONE_LINE:
            lines.append(place)
    return lines


def _spans(start: float, end: float, place: float) -> bool:
    """Tell whether a cell from ``start`` to ``end`` stands in the row or column at ``place``."""
    return start - _ONE_LINE <= place < end - _ONE_LINE


def _comments(slide: Record) -> Iterator[str]:
    """Yield the words of comments, which newer versions keep in a piece for themselves."""
    for blob in slide.all_of(_BLOB):
        for comment in records(blob.data):
            texts = [one for one in comment.children() if one.kind == _STRING]
            if comment.kind == _COMMENT:
                yield from (
                    one.data.decode("utf-16-le", "replace") for one in texts if one.instance == 1
                )


def _is_whole(box: Box) -> bool:
    """Tell whether a group is that of the whole slide, which has no place of its own."""
    return box.top == _LAST


def _box(shape: Record) -> Box:
    anchor = shape.child(_ANCHOR)
    if anchor is not None and len(anchor.data) >= 8:  # noqa: PLR2004 - four short numbers
        top, left, right, bottom = struct.unpack_from("<4h", anchor.data)
        return Box(0, left, top, right, bottom)
    inner = shape.child(_CHILD_ANCHOR)
    if inner is not None and len(inner.data) >= 16:  # noqa: PLR2004 - four long numbers
        return Box(0, *struct.unpack_from("<4i", inner.data))
    return _FAR


def _is_hidden(slide: Record) -> bool:
    show = slide.child(_SHOW)
    return show is not None and len(show.data) > 10 and bool(show.data[10] & _HIDDEN)  # noqa: PLR2004


def _notes(
    binary: PowerPointBinary, slide: Record, notes: dict[int, ListedSlide]
) -> Iterator[TextPiece]:
    atom = slide.child(_SLIDE_ATOM)
    if atom is None or len(atom.data) < 20:  # noqa: PLR2004 - up to the number of the notes
        return
    entry = notes.get(struct.unpack_from("<I", atom.data, 16)[0])
    page = binary.object(entry.reference) if entry else None
    if entry is not None and page is not None:
        for text in _of_shapes(page, entry):
            if text.kind == _NOTES_TEXT:
                yield TextPiece("paragraph", _lines(text.words))


def _on_page(pieces: list[TextPiece], number: int, *, has_heading: bool) -> Iterator[TextPiece]:
    """Yield the pieces of a slide; one without a title does not stand under that of another."""
    pieces = [replace(piece, page=number) for piece in pieces if piece.text.strip(" \n*")]
    if pieces and pieces[0].kind != "heading" and has_heading:
        yield TextPiece("heading", f"Slide {number}", 1, number)
    yield from pieces


def _has_heading(pieces: list[TextPiece]) -> bool:
    return any(piece.kind == "heading" for piece in pieces)


def _embedded(file: File, binary: PowerPointBinary, warnings: list[str]) -> list[TextPiece]:
    """Read the files in embedded objects; what cannot be read becomes a warning."""
    pieces: list[TextPiece] = []
    objects = islice(binary.objects_of(_OBJECT), _MOST_OBJECTS)
    for index, record in enumerate(objects, start=1):
        content = _unpacked(record)
        with suppress(ValueError, IndexError, struct.error):
            if content and (inner := file_in_object(content, f"object {index}")):
                pieces += pieces_of_inner(file, *inner, warnings)
    return pieces


def _unpacked(record: Record) -> bytes:
    """Return an object's bytes; most are packed, behind their length."""
    if not record.instance:
        return record.data
    try:
        return zlib.decompressobj().decompress(record.data[4:], _LARGEST_OBJECT)
    except zlib.error:
        return b""
