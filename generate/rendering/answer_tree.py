"""An answer as a tree of nodes: what every format is written from, so that text is only ever text.

There is no node for an image, for markup of the text's own, or for a link to anywhere but a note.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from generate.types import Answer, Citation, Sentence


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


Inline = Text | Highlight | Aside | Reference


@dataclass(frozen=True, slots=True)
class Note:
    """One passage: where it stands, and the words that are quoted from it."""

    marker: int
    source: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A paragraph, what else is to be said, and the notes in the order of their numbers."""

    paragraph: tuple[Inline, ...]
    remarks: tuple[str, ...]
    notes: tuple[Note, ...]
    nearest: tuple[Note, ...] = ()
    """Passages shown for want of an answer; nothing links to them."""


def answer_tree(answer: Answer) -> Tree:
    """Return the tree of an answer."""
    if answer.sentences:
        paragraph = tuple(node for s in answer.sentences for node in _sentence(answer, s))
    else:
        paragraph = (Text(answer.text),)
    remarks = [answer.notice] if answer.notice else []
    if answer.missing:
        remarks.append(f"Nothing was found about: {', '.join(answer.missing)}.")
    return Tree(paragraph, tuple(remarks), tuple(_notes(answer)), tuple(_nearest(answer)))


def _sentence(answer: Answer, sentence: Sentence) -> Iterator[Inline]:
    if sentence.context:
        yield Aside(sentence.context.text)
    position = sentence.start
    for span in sentence.highlights:
        yield Text(answer.text[position : span.start])
        yield Highlight(answer.text[span.start : span.end])
        position = span.end
    yield Text(answer.text[position : sentence.end])
    for marker in sentence.markers:
        yield Reference(marker)
    if sentence.verdict != "supported":
        yield Text(f" ({sentence.verdict})")
    yield Text(" ")


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
    return f"{citations[0].title or citations[0].filename}{where}"
