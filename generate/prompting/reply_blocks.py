"""A model's reply to blocks as it streams: paragraphs, lists, tables, listings, introductions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generate.prompting.citation_markers import SentenceStream, WrittenSentence
from generate.prompting.reply_lines import LONGEST_LINE, LineStart, read_line_start
from generate.prompting.reply_tables import is_separator, read_row
from generate.types import BlockKind, BlockOpening

_MARKER_OPENS = ("[", "\u3010", "\uff3b")
_INTRODUCTION_CHARACTERS = 200
_COLONS = (":", "\uff1a")
_SENTENCE_ENDS = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})\s*(\S*)")
_IS_PROSE = frozenset({"markdown", "md"})
"""Names of languages in whose fences a reply stands, not a listing."""
_LISTING_CHARACTERS = 4_000
"""A longer listing is left out."""


@dataclass(frozen=True, slots=True)
class WrittenUnit:
    """A sentence, a row or a listing as the model wrote it, and where it stands."""

    block: BlockOpening
    unit: int
    """Which item or row of the block it belongs to, from 0."""
    sentence: WrittenSentence
    """Of a row, it has the numbers of all cells and no text."""
    cells: tuple[WrittenSentence, ...] = ()
    introduction_numbers: tuple[int, ...] = ()
    """Markers of the introduction, for an item that has none."""


@dataclass
class _OpenList:
    """A list that is being read; a list in one of its items is another one."""

    opening: BlockOpening
    indent: int
    numbers: tuple[int, ...] = ()
    unit: int = -1


class ReplyReader:
    """Reads one reply, character by character: where its pieces are cut changes nothing."""

    def __init__(self) -> None:
        self._stream = SentenceStream()
        self._line = ""
        self._start: LineStart | None = None
        self._has_gap = False
        """Whether the line before was empty."""
        self._paragraph: BlockOpening | None = None
        self._lists: list[_OpenList] = []
        self._heading: WrittenSentence | None = None
        """A heading that nothing stands under so far."""
        self._table = _OpenTable()
        self._listing: _OpenListing | None = None

    def read(self, pieces: Iterable[str]) -> Iterator[WrittenUnit]:
        """Yield each sentence, row and listing once what follows it has begun.

        A heading is no sentence, unless it is all that there is.
        """
        is_empty = True
        for unit in self._units(pieces):
            is_empty = False
            yield unit
        if is_empty and self._heading:
            yield self._unit(self._heading)

    def _units(self, pieces: Iterable[str]) -> Iterator[WrittenUnit]:
        for piece in pieces:
            for character in piece:
                yield from self._add(character)
        yield from self._add("\n")
        if self._listing:
            yield from self._listing.close()
        yield from self._table.close()
        yield from map(self._unit, self._stream.close())

    def _add(self, character: str) -> Iterator[WrittenUnit]:
        is_running = self._start is not None and self._start.kind in {"text", "item"}
        if character == "\n":
            yield from self._end_line()
            self._line, self._start = "", None
        elif is_running:
            yield from map(self._unit, self._stream.add(character))
        else:
            self._line += character
            is_read_whole = self._listing or (self._start and len(self._line) < LONGEST_LINE)
            if not is_read_whole:
                self._start = read_line_start(self._line, is_whole=False)
                yield from self._open_line()

    def _end_line(self) -> Iterator[WrittenUnit]:
        """End a running line, or read one whose kind only its end tells."""
        if self._listing:
            if self._listing.add(self._line):
                yield from self._listing.close()
                self._listing = None
            return
        if self._start is None:
            self._start = read_line_start(self._line, is_whole=True)
            yield from self._open_line()
        kind = self._start.kind if self._start else "gap"
        if kind == "gap":
            self._has_gap = True
            yield from self._table.close()
        if kind == "row":
            yield from self._end_row()
        elif kind == "heading":
            yield from self._end_heading()
        elif kind == "fence":
            yield from self._end_fence()
        else:
            yield from map(self._unit, self._stream.add("\n"))

    def _open_line(self) -> Iterator[WrittenUnit]:
        """Begin a line of text or an item; other lines are read when they are whole."""
        start = self._start
        if start is None or start.kind not in {"text", "item"}:
            return
        yield from self._table.close()
        sign_end = start.indent + len(start.sign)
        if start.kind == "item" and self._is_item(start):
            yield from self._open_item(start)
        else:
            sign_end = start.indent
            yield from self._open_text(start)
        self._has_gap = False
        for character in self._line[sign_end:]:
            yield from map(self._unit, self._stream.add(character))

    def _open_text(self, start: LineStart) -> Iterator[WrittenUnit]:
        """Go on with a paragraph or an item, or begin a paragraph.

        Markers in a line of their own belong to the sentence before.
        """
        if self._line.lstrip().startswith(_MARKER_OPENS):
            return
        is_in_item = bool(self._lists) and start.indent > 0
        if not is_in_item and (self._lists or self._has_gap):
            yield from map(self._unit, self._stream.close())
            self._lists, self._paragraph, self._heading = [], None, None

    def _is_item(self, start: LineStart) -> bool:
        """Tell the number of an item from one that opens a sentence."""
        has_numbers = any(each.opening.kind == "numbered_list" for each in self._lists)
        return start.number in {None, 1} or has_numbers

    def _open_item(self, start: LineStart) -> Iterator[WrittenUnit]:
        """Begin an item of the list that is open, of an outer one, or of a new one.

        A list in an item that introduces it gets its own; any other is read as one with the outer.
        """
        kind: BlockKind = "list" if start.number is None else "numbered_list"
        outer = self._lists[-1] if self._lists else None
        is_deeper = outer is not None and start.indent > outer.indent
        is_below_number = (
            outer is not None
            and (outer.opening.kind, kind) == ("numbered_list", "list")
            and start.indent == outer.indent
        )
        may_be_introduced = outer is None or is_deeper or is_below_number
        sentences, introduction = self._split_introduction(is_allowed=may_be_introduced)
        yield from map(self._unit, sentences)
        self._paragraph = None
        if outer is None or introduction:
            outer_words = outer.opening.introduction if outer else ""
            words = introduction.text if introduction else ""
            opening = BlockOpening(kind, f"{outer_words} {words}".strip())
            numbers = introduction.numbers if introduction else ()
            self._lists.append(_OpenList(opening, start.indent, numbers))
        elif not is_deeper:
            self._return_to_list(kind, start.indent)
        self._lists[-1].unit += 1

    def _return_to_list(self, kind: BlockKind, indent: int) -> None:
        """Close inner lists; where none fits that is open, another kind of list begins."""
        lists = [each for each in self._lists if each.indent <= indent]
        fitting = [i for i, each in enumerate(lists) if each.opening.kind == kind]
        if fitting:
            self._lists = lists[: fitting[-1] + 1]
        elif not lists or lists[-1].indent == indent:
            words = lists[-1].opening.introduction if lists else ""
            self._lists = [*lists[:-1], _OpenList(BlockOpening(kind, words), indent)]
        else:
            self._lists = lists

    def _end_row(self) -> Iterator[WrittenUnit]:
        """Read a row of a table. Its introduction is left out: a row is checked without it."""
        sentences, _ = self._split_introduction(is_allowed=True)
        yield from map(self._unit, sentences)
        self._lists, self._paragraph, self._has_gap = [], None, True
        yield from self._table.add(self._line)

    def _end_heading(self) -> Iterator[WrittenUnit]:
        """Keep a heading for what stands under it; what is cited or ends like one is a sentence."""
        stream = SentenceStream()
        sentences = [each for c in self._line.strip("# \t") for each in stream.add(c)]
        sentences += stream.close()
        is_heading = len(sentences) == 1 and not (
            sentences[0].numbers or sentences[0].text.endswith(_SENTENCE_ENDS)
        )
        yield from self._table.close()
        yield from map(self._unit, self._stream.close())
        self._lists, self._paragraph, self._has_gap = [], None, True
        self._heading = sentences[0] if is_heading else None
        if not is_heading:
            yield from map(self._unit, sentences)

    def _end_fence(self) -> Iterator[WrittenUnit]:
        """Begin a listing, unless a whole reply stands in the fence."""
        yield from self._table.close()
        sentences, _ = self._split_introduction(is_allowed=True)
        yield from map(self._unit, sentences)
        self._paragraph, self._has_gap = None, True
        fence, language = _parse_fence(self._line)
        if language.lower() not in _IS_PROSE:
            self._listing = _OpenListing(fence)

    def _split_introduction(
        self, *, is_allowed: bool
    ) -> tuple[list[WrittenSentence], WrittenSentence | None]:
        """End the running text; return its sentences, and the last one apart if it introduces.

        Where none does, the heading that stands above introduces.
        """
        sentences = self._stream.close()
        heading, self._heading = self._heading, None
        if sentences and is_allowed and _introduces(sentences[-1], is_item=bool(self._lists)):
            return sentences[:-1], sentences[-1]
        return sentences, heading if not sentences else None

    def _unit(self, sentence: WrittenSentence) -> WrittenUnit:
        if self._lists:
            open_list = self._lists[-1]
            return WrittenUnit(open_list.opening, open_list.unit, sentence, (), open_list.numbers)
        self._paragraph = self._paragraph or BlockOpening("paragraph")
        return WrittenUnit(self._paragraph, 0, sentence)


class _OpenTable:
    """The table that is being read, if one is."""

    def __init__(self) -> None:
        self._opening: BlockOpening | None = None
        self._row = -1
        self._first_line: str | None = None
        """Kept until the next line tells whether it is the header."""

    def add(self, line: str) -> Iterator[WrittenUnit]:
        if self._first_line is None and self._opening is None:
            self._first_line = None if is_separator(line) else line
            return
        if self._first_line is not None and is_separator(line):
            header = tuple(cell.text for cell in read_row(self._first_line))
            self._opening, self._first_line = BlockOpening("table", header=header), None
            return
        yield from self._headless()
        if not is_separator(line):
            yield self._unit(line)

    def close(self) -> Iterator[WrittenUnit]:
        """Yield a row that waits for a second one, and end the table."""
        yield from self._headless()
        self._opening, self._row = None, -1

    def _headless(self) -> Iterator[WrittenUnit]:
        line, self._first_line = self._first_line, None
        if line is not None:
            self._opening = BlockOpening("table")
            yield self._unit(line)

    def _unit(self, line: str) -> WrittenUnit:
        opening = self._opening or BlockOpening("table")
        cells = read_row(line, columns=len(opening.header))
        numbers = dict.fromkeys(number for cell in cells for number in cell.numbers)
        self._row += 1
        return WrittenUnit(opening, self._row, WrittenSentence("", tuple(numbers)), cells)


class _OpenListing:
    """The lines between two fences."""

    def __init__(self, fence: str) -> None:
        self._fence = fence
        self._lines: list[str] = []
        self._characters = 0

    def add(self, line: str) -> bool:
        """Add a line; return whether it is the fence at the end."""
        if line.strip().startswith(self._fence) and not line.strip(f" \t{self._fence[0]}"):
            return True
        self._characters += len(line) + 1
        if self._characters <= _LISTING_CHARACTERS:
            self._lines.append(line)
        return False

    def close(self) -> Iterator[WrittenUnit]:
        text = "\n".join(self._lines)
        if text.strip() and self._characters <= _LISTING_CHARACTERS:
            yield WrittenUnit(BlockOpening("code"), 0, WrittenSentence(text, ()))


def _introduces(sentence: WrittenSentence, *, is_item: bool) -> bool:
    """Tell whether a sentence only announces what follows it; an item may do so without a colon."""
    text = sentence.text
    if len(text) > _INTRODUCTION_CHARACTERS:
        return False
    is_label = is_item and not sentence.numbers and not text.endswith(_SENTENCE_ENDS)
    return text.endswith(_COLONS) or is_label


def _parse_fence(line: str) -> tuple[str, str]:
    match = _FENCE.match(line)
    return (match[1], match[2]) if match else ("```", "")
