"""An answer as a tree of nodes: what every format is written from, so that text is only ever text.

There is no node for an image, for markup of the text's own, or for a link to anywhere but a note.
"""

from collections.abc import Iterator
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
    """One citation: where it stands, and its words."""

    marker: int
    source: str
    quote: str


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
    """Yield one note for each marker."""
    first = {c.marker: c for c in reversed(answer.citations)}
    for marker in sorted(first):
        yield Note(marker, _source(first[marker]), first[marker].quote)


def _nearest(answer: Answer) -> Iterator[Note]:
    for number, passage in enumerate(answer.nearest, 1):
        page = f", page {passage.page}" if passage.page else ""
        yield Note(number, f"{passage.title or passage.filename}{page}", passage.text)


def _source(citation: Citation) -> str:
    page = f", page {citation.page}" if citation.page else ""
    return f"{citation.title or citation.filename}{page}"
