"""An answer as a tree of nodes: what every format is written from, so that text is only ever text.

There is no node for an image, for markup of the text's own, or for a link to anywhere but a note.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generate.types import Answer, AnswerBlock, BlockUnit, Citation, Mark, Sentence, Span


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Highlight:
    """The words that answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Words of the document that a sentence needs to be understood, set apart from the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A link to the note with this number."""

    marker: int


@dataclass(frozen=True, slots=True)
class Bold:
    """Words that the writer stressed."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Words that are code."""

    text: str


Inline = Text | Highlight | Aside | Reference | Bold | Code
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    line: Line


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list under the words that introduce it."""

    introduction: str
    items: tuple[Line, ...]
    has_numbers: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the header may be empty."""

    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of code, and what they cite."""

    text: str
    references: Line


BlockNode = Paragraph | ItemList | Table | Listing


@dataclass(frozen=True, slots=True)
class Note:
    """One passage: where it stands, and the words that are quoted from it."""

    marker: int
    source: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """The blocks, what else is to be said, and the notes in the order of their numbers."""

    blocks: tuple[BlockNode, ...]
    remarks: tuple[str, ...]
    notes: tuple[Note, ...]
    nearest: tuple[Note, ...] = ()
    """Passages shown for want of an answer; nothing links to them."""


def answer_tree(answer: Answer) -> Tree:
    """Return the tree of an answer."""
    blocks = tuple(_blocks(answer)) or (Paragraph((Text(answer.text),)),)
    remarks = [answer.notice] if answer.notice else []
    if answer.missing:
        remarks.append(f"Nothing was found about: {', '.join(answer.missing)}.")
    return Tree(blocks, tuple(remarks), tuple(_notes(answer)), tuple(_nearest(answer)))


def _blocks(answer: Answer) -> Iterator[BlockNode]:
    """Yield the blocks; an answer of an earlier release is one paragraph."""
    everything = AnswerBlock("paragraph", (BlockUnit(tuple(range(len(answer.sentences)))),))
    for block in answer.blocks or ((everything,) if answer.sentences else ()):
        match block.kind:
            case "paragraph":
                lines = (_line(answer, unit, block) for unit in block.units)
                yield Paragraph(tuple(node for line in lines for node in line))
            case "list" | "numbered_list":
                items = tuple(_line(answer, unit, block) for unit in block.units)
                yield ItemList(block.introduction, items, block.kind == "numbered_list")
            case "table":
                yield Table(block.header, tuple(_row(answer, unit, block) for unit in block.units))
            case "code":
                for sentence in (answer.sentences[n] for u in block.units for n in u.sentences):
                    yield Listing(sentence.text, tuple(_ending(sentence)))


def _line(answer: Answer, unit: BlockUnit, block: AnswerBlock) -> Line:
    sentences = (answer.sentences[number] for number in unit.sentences)
    return tuple(node for sentence in sentences for node in _sentence(answer, sentence, block))


def _row(answer: Answer, unit: BlockUnit, block: AnswerBlock) -> tuple[Line, ...]:
    """Return the cells; the last one carries what the row cites."""
    ending = tuple(node for n in unit.sentences for node in _ending(answer.sentences[n]))
    cells = [tuple(_words(answer, cell, _marked(block.marks))) for cell in unit.cells]
    return (*cells[:-1], (*cells[-1], *ending))


def _sentence(answer: Answer, sentence: Sentence, block: AnswerBlock) -> Iterator[Inline]:
    if sentence.context:
        yield Aside(sentence.context.text)
    highlights = [(span, Highlight) for span in sentence.highlights]
    span = Span(sentence.start, sentence.end)
    yield from _words(answer, span, [*highlights, *_marked(block.marks)])
    yield from _ending(sentence)
    yield Text(" ")


def _marked(marks: Sequence[Mark]) -> list[tuple[Span, type[Bold] | type[Code]]]:
    return [(Span(m.start, m.end), Bold if m.kind == "bold" else Code) for m in marks]


def _words(
    answer: Answer,
    whole: Span,
    spans: Sequence[tuple[Span, type[Highlight] | type[Bold] | type[Code]]],
) -> Iterator[Inline]:
    """Yield the words of a place in the text; of places that overlap the first one counts."""
    position = whole.start
    for span, node in sorted(spans, key=lambda each: each[0].start):
        if position <= span.start < span.end <= whole.end:
            yield Text(answer.text[position : span.start])
            yield node(answer.text[span.start : span.end])
            position = span.end
    yield Text(answer.text[position : whole.end])


def _ending(sentence: Sentence) -> Iterator[Inline]:
    """Yield what a sentence cites, and its verdict where that is worth a word."""
    for marker in sentence.markers:
        yield Reference(marker)
    if sentence.verdict != "supported":
        yield Text(f" ({sentence.verdict})")


def _notes(answer: Answer) -> Iterator[Note]:
    """Yield one note for each marker, with its distinct quotes in the order of the answer."""
    by_marker: dict[int, list[Citation]] = {}
    for citation in answer.citations:
        by_marker.setdefault(citation.marker, []).append(citation)
    for marker, citations in sorted(by_marker.items()):
        quotes = tuple(dict.fromkeys(citation.quote for citation in citations))
        yield Note(marker, _source(citations), quotes)


def _nearest(answer: Answer) -> Iterator[Note]:
    for number, passage in enumerate(answer.nearest, 1):
        page = f", page {passage.page}" if passage.page else ""
        yield Note(number, f"{passage.title or passage.filename}{page}", (passage.text,))


def _source(citations: Sequence[Citation]) -> str:
    """Return the title and the pages of a passage; one that crosses a page's end has two."""
    pages = sorted({citation.page for citation in citations if citation.page})
    listed = ", ".join(map(str, pages))
    where = f", page{'s' if len(pages) > 1 else ''} {listed}" if pages else ""
    first = citations[0]
    published = publication(first.publisher, first.published_at, authoritative=first.authoritative)
    return f"{first.title or first.filename}{where}{f' ({published})' if published else ''}"


def publication(publisher: str, published_at: str | None, *, authoritative: bool) -> str:
    """Return who published a document and on which day, as a person reads it."""
    day = f" on {published_at[:10]}" if published_at else ""
    name = f"published by {publisher.partition(':')[2]}{day}" if publisher else ""
    return ", ".join(filter(None, ("authoritative" if authoritative else "", name)))
