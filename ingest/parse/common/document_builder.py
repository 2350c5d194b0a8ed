"""Pieces of text joined into a document whose offsets are exact."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from ingest.errors import EmptyDocumentError
from ingest.parse.common.omissions import take_marks, without_marks
from ingest.types import Block, BlockKind, Omission, OmissionRule, ParsedDocument, WordBox

GAP = "\n\n"
"""The text between two pieces."""

CELL_GAP = " | "
"""The text between two cells of a table's row."""

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NEWLINE = re.compile(r"\r\n?|\x0c|\u2028|\u2029|\x85")
_MOST_OMISSIONS = 10_000
"""As many as findings are stored of one version."""


Place = tuple[int, int, int, float, float, float, float]
"""The fields of a ``WordBox``, which is made when the offsets are known."""


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A block before it has a place in the document's text."""

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    boxes: Sequence[Place] = ()
    """Where its words stand: offsets count from the start of ``text``."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """The facts about a document besides its text."""

    media_type: str
    parser: str
    title: str | None = None
    pages: int | None = None
    warnings: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Make every newline a line feed; drop what no database stores: controls, lone surrogates."""
    return _UNSTORABLE.sub("", _NEWLINE.sub("\n", text))


def first_warnings(warnings: Sequence[str]) -> tuple[str, ...]:
    """Return as many as somebody may read of what is told of files within a file."""
    return tuple(warnings[:50])


def assemble(
    pieces: Iterable[TextPiece], source: SourceText, *, attached: Iterable[TextPiece] = ()
) -> ParsedDocument:
    """Join the pieces with empty lines between them; none that are attached give the title.

    Raises:
        EmptyDocumentError: no piece holds anything but white space.

    """
    texts: list[str] = []
    blocks: list[Block] = []
    layout: list[WordBox] = []
    omissions: list[Omission] = []
    new = tuple.__new__  # what WordBox(...) does in the end; there is one for each word
    start = 0
    own_pieces = list(pieces)
    for piece in chain(own_pieces, attached):
        text, places = (piece.text, []) if piece.boxes else _plain_text(piece.text)
        omissions += [Omission(rule, start + offset) for rule, offset in places]
        if not text.strip():
            continue
        texts.append(text)
        blocks.append(Block(piece.kind, start, start + len(text), piece.level, piece.page))
        layout += [
            new(WordBox, (first + start, last + start, page, x0, y0, x1, y1))
            for first, last, page, x0, y0, x1, y1 in piece.boxes
        ]
        start += len(text) + len(GAP)
    if not blocks:
        raise EmptyDocumentError("There is no text in this document.")
    length = start - len(GAP)
    return ParsedDocument(
        text=GAP.join(texts),
        blocks=tuple(blocks),
        layout=tuple(layout),
        media_type=source.media_type,
        parser=source.parser,
        title=_one_line(source.title) or _first_title(own_pieces),
        pages=source.pages,
        warnings=source.warnings,
        omissions=tuple(Omission(o.rule, min(o.start, length)) for o in omissions)[
            :_MOST_OMISSIONS
        ],
    )


def _plain_text(text: str) -> tuple[str, list[tuple[OmissionRule, int]]]:
    """Return the text of a piece as it is stored, and what is left out where in it."""
    plain, places = take_marks(clean(text))
    lead = len(plain) - len(plain.lstrip("\n"))
    stripped = plain.strip("\n").rstrip()
    return stripped, [(rule, min(max(0, at - lead), len(stripped))) for rule, at in places]


def _one_line(title: str | None) -> str | None:
    return " ".join(clean(title).split())[:300] or None if title else None


def _first_title(pieces: list[TextPiece]) -> str | None:
    pieces_with_text = (piece for piece in pieces if without_marks(clean(piece.text)).strip())
    heading = next(
        (piece for piece in islice(pieces_with_text, 20) if piece.kind == "heading"), None
    )
    return _one_line(without_marks(heading.text)) if heading else None
