"""Older Word files (DOC) to text: headings by style, paragraphs, lists, and rows as lines."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File
from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT
from ingest.parse.common.raised_text import blank_after, sign_before
from ingest.parse.common.symbol_fonts import in_unicode, sign_of
from ingest.parse.office.embedded_objects import pieces_of_object_pool
from ingest.parse.office.word_binary import Letter, Properties, WordBinary
from ingest.types import BlockKind, ParsedDocument

MEDIA_TYPE = "application/msword"
PARSER = "footnote doc 1"

_CELL_END = "\x07"
_PARAGRAPH_ENDS = frozenset("\r\x0c")
_FIELD, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_SIGNS = {"\x0b": "\n", "\x0e": "\n", "\x1e": "-", "\t": "\t"}
_DELETED, _STRUCK, _STRUCK_TWICE, _HIDDEN = 0x0800, 0x0837, 0x2A53, 0x083C
_SYMBOL, _POSITION, _FONT = 0x6A09, 0x2A48, 0x4A4F
_ROW_END, _IN_TABLE, _LIST = 0x2417, 0x2416, 0x460B
_POSITIONS = {1: "super", 2: "sub"}
_RUBY = re.compile(r"\\o\s*\\ad\s*\(\\s\\up \d+\((?P<reading>[^()]+)\)[,;](?P<word>[^()]+)\)")
_LAST_STORIES = ("text boxes", "header boxes", "footnotes", "endnotes", "comments", "headers")
_BEFORE = 4


def parse_doc(file: File) -> ParsedDocument:
    """Read the visible text; text boxes, notes, comments, running heads, then embedded files.

    Raises:
        BrokenDocumentError: the file does not say where its text is.
        EmptyDocumentError: there is no text.
        EncryptedDocumentError: it needs a password.

    """
    from olefile import OleFileIO

    with OleFileIO(BytesIO(file.data)) as streams:
        word = WordBinary(
            streams.openstream("WordDocument").read(), lambda name: streams.openstream(name).read()
        )
        stories = {name: list(DocStory(word).read(story)) for name, story in word.stories()}
        title = streams.get_metadata().title
        warnings: list[str] = []
        embedded = pieces_of_object_pool(file, streams, warnings)
    lines = stories["body"]
    for name in _LAST_STORIES:
        story = stories.get(name, [])
        lines += dict.fromkeys(story) if name == "headers" else story  # sections repeat these
    source = SourceText(
        MEDIA_TYPE, PARSER, title=_decoded(title), warnings=first_warnings(warnings)
    )
    return assemble(_pieces(lines), source, attached=embedded)


@dataclass(frozen=True, slots=True)
class DocLine:
    """A paragraph, or a row of a table."""

    text: str
    level: int = 0
    """Of a heading; 0 for any other paragraph."""
    cells: tuple[str, ...] = ()
    """Of a row; then there is no text."""
    is_item: bool = False
    """Whether it is an item of a list."""


def _decoded(title: bytes | str | None) -> str | None:
    return title.decode("utf-8", "replace") if isinstance(title, bytes) else title


def _pieces(lines: Iterable[DocLine]) -> Iterator[TextPiece]:
    for is_row, group in groupby(lines, key=lambda line: bool(line.cells)):
        if is_row:
            yield TextPiece("table", "\n".join(" | ".join(line.cells) for line in group))
            continue
        for line in group:
            kind: BlockKind = "list" if line.is_item else "paragraph"
            yield TextPiece("heading" if line.level else kind, line.text.strip(), line.level)


@dataclass(slots=True)
class DocStory:
    """Puts the characters of a story together to paragraphs and rows."""

    word: WordBinary
    text: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    fields: list[bool] = field(default_factory=list)
    """For each open field whether its instruction is read, which nobody sees."""
    instruction: list[str] = field(default_factory=list)
    """Of the innermost field."""
    position: str = ""
    """Of the last letters: ``super``, ``sub``, or nothing where they stand on the line."""
    after_cell: bool = False

    def read(self, letters: Iterable[Letter]) -> Iterator[DocLine]:
        """Yield each paragraph and row when its end has come."""
        for letter in letters:
            if self._is_of_field(letter.sign):
                self._follow_field(letter.sign)
                continue
            if letter.sign == _CELL_END:
                yield from self._end_cell(letter)
            elif letter.sign in _PARAGRAPH_ENDS:
                yield from self._end_paragraph(letter)
            else:
                self._add(letter)
        if self.text or self.cells:
            yield from self._line(0, is_item=False)

    def _is_of_field(self, sign: str) -> bool:
        if sign == _FIELD:
            self.fields.append(True)
        elif sign == _FIELD_RESULT and self.fields:
            self.fields[-1] = False
        elif sign == _FIELD_END and self.fields:
            self.fields.pop()
        return any(self.fields) or sign in (_FIELD, _FIELD_RESULT, _FIELD_END)

    def _follow_field(self, sign: str) -> None:
        """Keep an instruction; a word with its reading stands in the instruction alone."""
        if sign == _FIELD:
            self.instruction = []
        elif sign == _FIELD_END:
            ruby = _RUBY.search("".join(self.instruction))
            self.text += [f"{ruby['word']}({ruby['reading']})"] if ruby else []
            self.instruction = []
        elif sign != _FIELD_RESULT:
            self.instruction.append(sign)

    def _end_cell(self, letter: Letter) -> Iterator[DocLine]:
        _, properties = self.word.of_paragraph(letter.offset)
        is_second = self.after_cell and not self.text
        is_row_end = _is_on(properties, _ROW_END) if properties else is_second
        if is_row_end:
            if any(cell.strip() for cell in self.cells):
                yield DocLine("", cells=tuple(self.cells))
            self.cells, self.text = [], []
        else:
            self.cells.append(" ".join("".join(self.text).split()))
            self.text = []
        self.after_cell, self.position = not is_row_end, ""

    def _end_paragraph(self, letter: Letter) -> Iterator[DocLine]:
        style, properties = self.word.of_paragraph(letter.offset)
        if _is_on(properties, _IN_TABLE):
            self.text.append(" ")
            return
        is_item = any(properties.get(_LIST, b""))
        yield from self._line(self.word.heading_level(style, properties), is_item=is_item)

    def _line(self, level: int, *, is_item: bool) -> Iterator[DocLine]:
        if self.cells:
            yield DocLine("", cells=tuple(self.cells))
        text = "".join(self.text)
        if text.strip():
            yield DocLine(text, level, is_item=is_item)
        self.cells, self.text, self.position, self.after_cell = [], [], "", False

    def _add(self, letter: Letter) -> None:
        properties = self.word.of_letters(letter.offset)
        left_out = _mark(properties)
        if left_out:
            if self.text[-1:] != [left_out]:
                self.text.append(left_out)
            return
        sign = self._sign(letter.sign, properties)
        if not sign:
            return
        position = _POSITIONS.get(int.from_bytes(properties.get(_POSITION, b""), "little"), "")
        before = "".join(self.text[-_BEFORE:])
        if position and position != self.position:
            self.text.append(sign_before(sign, position, before))
        elif self.position and not position:
            self.text.append(blank_after(before, sign))
        self.text.append(sign)
        self.position = position

    def _sign(self, sign: str, properties: Properties) -> str:
        if symbol := properties.get(_SYMBOL):
            font = self.word.font(int.from_bytes(symbol[:2], "little"))
            return sign_of(f"{int.from_bytes(symbol[2:4], 'little'):04X}", font)
        if sign in _SIGNS:
            return _SIGNS[sign]
        if sign < " ":
            return ""
        number = properties.get(_FONT)
        return (
            in_unicode(sign, self.word.font(int.from_bytes(number, "little"))) if number else sign
        )


def _mark(properties: Properties) -> str:
    """Return the mark of letters that nobody is to read, or nothing."""
    if any(_is_on(properties, code) for code in (_DELETED, _STRUCK, _STRUCK_TWICE)):
        return STRUCK_OUT
    return INVISIBLE if _is_on(properties, _HIDDEN) else ""


def _is_on(properties: Properties, code: int) -> bool:
    return properties.get(code, b"")[:1] in (b"\x01", b"\x81")
