"""Spans of text and their size in tokens: blocks, units, words, halves of words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.text.sentence_splitter import Span, split_sentences
from index.text.table_headers import caption_start, header_of_table
from ingest.types import Block

_CHARACTERS = 40
"""A token is taken to hold no more than this many characters: BERT calls any long word one."""

_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\n]*\S[^\n]*")


@dataclass(frozen=True, slots=True)
class ChunkUnit:
    """A span of the text, without white space at its ends, and its size."""

    start: int
    end: int
    tokens: int
    is_heading: bool = False

    def halves(self) -> list["ChunkUnit"]:
        """Cut in the middle, sizes shared out evenly."""
        middle = (self.start + self.end) // 2
        return [
            ChunkUnit(self.start, middle, self.tokens // 2),
            ChunkUnit(middle, self.end, self.tokens - self.tokens // 2),
        ]


class Ruler:
    """Measures a text in an embedder's tokens and cuts its blocks to size."""

    def __init__(
        self,
        text: str,
        count: Callable[[str], int],
        limit: int,
        check_time: Callable[[], None] = lambda: None,
    ) -> None:
        self._text = text
        self._count = count
        self._longest = _CHARACTERS * limit
        self._check_time = check_time

    def count(self, text: str) -> int:
        """Return the tokens of a text."""
        self._check_time()
        return self._count(text)

    def unit(self, block: Block) -> ChunkUnit | None:
        """Return the whole block as one unit, None if it is blank."""
        return self._unit(block.start, block.end, is_heading=block.kind == "heading")

    def units(self, block: Block, room: int) -> list[ChunkUnit]:
        """Cut a block into units of at most ``room`` tokens."""
        whole = self._text[block.start : block.end]
        spans = split_sentences(whole)
        if block.kind in ("table", "code", "list"):
            spans = [match.span() for match in _LINE.finditer(whole)]
        return [
            unit
            for start, end in spans
            for unit in self._cut_to(block.start + start, block.start + end, room)
        ]

    def table_head(self, block: Block) -> tuple[str, ...]:
        """Return a table's caption, where it has one, and the names of its columns as one row.

        Nothing of other blocks, and of tables without such a row.
        """
        if block.kind != "table":
            return ()
        start, header = header_of_table(self._text[block.start : block.end])
        start += block.start
        caption = self._text[caption_start(self._text, start) : start].split("\n")
        lines = (" ".join(line.split()) for line in (*caption, header))
        return tuple(filter(None, lines)) if header else ()

    def _unit(self, start: int, end: int, *, is_heading: bool = False) -> ChunkUnit | None:
        text = self._text[start:end]
        if not text.strip():
            return None
        start += len(text) - len(text.lstrip())
        end -= len(text) - len(text.rstrip())
        tokens = -(-len(text) // _CHARACTERS)
        if len(text) <= self._longest:  # else it is too long anyhow, and is cut
            tokens = max(self.count(text), tokens)
        return ChunkUnit(start, end, tokens, is_heading)

    def _cut_to(self, start: int, end: int, room: int) -> Iterator[ChunkUnit]:
        """Cut by sentences, then by words, then anywhere, as far as it is needed."""
        unit = self._unit(start, end)
        if unit is None:
            return
        if unit.tokens <= room:
            yield unit
            return
        for finer in (split_sentences, _words):
            spans = finer(self._text[unit.start : unit.end])
            if len(spans) > 1:
                smaller = [
                    piece
                    for first, last in spans
                    for piece in self._cut_to(unit.start + first, unit.start + last, room)
                ]
                yield from smaller if finer is split_sentences else _pack(smaller, room)
                return
        for half in unit.halves():
            yield from self._cut_to(half.start, half.end, room)


def _words(text: str) -> list[Span]:
    return [match.span() for match in _WORD.finditer(text)]


def _pack(units: list[ChunkUnit], room: int) -> Iterator[ChunkUnit]:
    """Join words again, as many as there is room for."""
    start, end, tokens = units[0].start, units[0].end, units[0].tokens
    for unit in units[1:]:
        if tokens + unit.tokens > room:
            yield ChunkUnit(start, end, tokens)
            start, tokens = unit.start, 0
        end, tokens = unit.end, tokens + unit.tokens
    yield ChunkUnit(start, end, tokens)
