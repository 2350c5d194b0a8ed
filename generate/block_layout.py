"""Where released sentences stand: the blocks of an answer, and the lines of its plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from generate.types import (
    AnswerBlock,
    BlockKind,
    BlockPlace,
    BlockUnit,
    Mark,
    Placement,
    Sentence,
    Span,
)


@dataclass
class BlockLayout:
    """Puts sentences into blocks; a block begins with its first released sentence."""

    blocks: list[AnswerBlock] = field(default_factory=list)
    _placement: Placement | None = None
    """Of the sentence before."""

    def lead(self, placement: Placement) -> str:
        """Return what stands before a sentence in plain text: a space, a line, an introduction."""
        before, opening = self._placement, placement.block
        if before and before.block is placement.block:
            units = len(self.blocks[-1].units)
            return " " if before.unit == placement.unit else f"\n{_sign(opening.kind, units + 1)}"
        lines = [opening.introduction] if opening.introduction else []
        if any(opening.header):
            lines.append(" | ".join(_shown_header(opening.header, [placement.cells])))
        lines.append(_sign(opening.kind, 1))
        return "\n".join([""] * bool(self.blocks) + lines)

    def add(self, number: int, start: int, placement: Placement) -> None:
        """Add the sentence with this number, which begins at ``start`` in the answer's text."""
        before, self._placement = self._placement, placement
        if before is None or before.block is not placement.block:
            opening = placement.block
            block = AnswerBlock(opening.kind, (), opening.introduction, opening.header)
            self.blocks.append(block)
            before = None
        block = self.blocks[-1]
        cells = tuple(Span(start + cell.start, start + cell.end) for cell in placement.cells)
        marks = tuple(Mark(m.kind, start + m.start, start + m.end) for m in placement.marks)
        units = block.units
        if before and before.unit == placement.unit:
            unit = units[-1]
            units = (*units[:-1], replace(unit, sentences=(*unit.sentences, number)))
        else:
            units = (*units, BlockUnit((number,), cells))
        self.blocks[-1] = replace(block, units=units, marks=(*block.marks, *marks))

    def finished(self) -> tuple[AnswerBlock, ...]:
        """Return the blocks; a column's name is shown where one of its cells says something."""
        return tuple(
            replace(block, header=_shown_header(block.header, [unit.cells for unit in block.units]))
            for block in self.blocks
        )


def place_of(blocks: Sequence[AnswerBlock], number: int, sentence: Sentence) -> BlockPlace:
    """Return where a sentence stands, by what was known when it was released."""
    for at, block in enumerate(blocks):
        for index, unit in enumerate(block.units):
            if number in unit.sentences:
                cells = [each.cells for each in block.units[: index + 1]]
                header = _shown_header(block.header, cells)
                marks = tuple(_inside(sentence, block.marks))
                return BlockPlace(
                    at, index, block.kind, block.introduction, header, unit.cells, marks
                )
    return BlockPlace(0, 0, "paragraph")


def lead_between(before: BlockPlace | None, place: BlockPlace) -> str:
    """Return what stands between two released sentences in plain text, as ``BlockLayout.lead``."""
    if before and before.number == place.number:
        return " " if before.unit == place.unit else f"\n{_sign(place.kind, place.unit + 1)}"
    lines = [place.introduction] if place.introduction else []
    if any(place.header):
        lines.append(" | ".join(place.header))
    lines.append(_sign(place.kind, 1))
    return "\n".join([""] * (before is not None) + lines)


def _sign(kind: BlockKind, number: int) -> str:
    """Return what an item begins with."""
    signs: dict[BlockKind, str] = {"list": "- ", "numbered_list": f"{number}. "}
    return signs.get(kind, "")


def _shown_header(header: Sequence[str], rows: Sequence[Sequence[Span]]) -> tuple[str, ...]:
    """Return the header without names of columns whose cells say nothing: nothing checked them.

    All names are left out where a row's words were cut, so that its cells are not known.
    """
    whole_rows = [row for row in rows if len(row) == len(header)]
    is_said_of = [any(row[i].start < row[i].end for row in whole_rows) for i in range(len(header))]
    return tuple(name if is_said else "" for name, is_said in zip(header, is_said_of, strict=True))


def _inside(sentence: Sentence, marks: Sequence[Mark]) -> Iterator[Mark]:
    return (m for m in marks if sentence.start <= m.start and m.end <= sentence.end)
