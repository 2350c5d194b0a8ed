"""The types that parsers return."""

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal, NamedTuple

BlockKind = Literal["heading", "paragraph", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """A structural piece of a document's text: ``text[start:end]`` in code points."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    """Depth of a heading, from 1; 0 for everything else."""
    page: int | None = None
    """1-based page of the first character."""


class WordBox(NamedTuple):
    """Where a word stands, as in ``index.types.TextBox``: a tuple, for there are very many."""

    start: int
    end: int
    page: int
    x0: float
    y0: float
    x1: float
    y1: float


OmissionRule = Literal["struck-out", "invisible-text"]


class Omission(NamedTuple):
    """A place in a document's text where a parser leaves out what the file holds."""

    rule: OmissionRule
    start: int
    """Offset of the character that follows in the text."""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document's text and its structure.

    Blocks are in text order and do not overlap; text between blocks is white space only.
    """

    text: str
    blocks: tuple[Block, ...]
    media_type: str
    parser: str
    """Name and version of the parser, for provenance."""
    title: str | None = None
    pages: int | None = None
    layout: tuple[WordBox, ...] = ()
    """One box for each word, in text order, for formats with pages."""
    warnings: tuple[str, ...] = field(default=())
    omissions: tuple[Omission, ...] = ()
    """Struck-out and hidden text that is not in the text, in text order."""

    def page_at(self, offset: int) -> int | None:
        """Return the page of an offset in the text, None where the format has no pages."""
        if self.layout:
            at = bisect_left(self.layout, offset, key=attrgetter("start"))
            return self.layout[min(at, len(self.layout) - 1)].page
        at = bisect_left(self.blocks, offset, key=attrgetter("end"))
        return self.blocks[at].page if at < len(self.blocks) else None
