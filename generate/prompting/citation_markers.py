"""A model's running text to sentences as they complete, and the numbers of their markers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from generate.prompting.model_notation import (
    OPEN_MARKER,
    in_one_notation,
    without_emphasis,
    without_links,
)
from generate.types import Mark
from generate.visible_text import check_sentence
from index.text.analyzer import analyse
from index.text.sentence_splitter import split_sentences

_LONGEST = 2_000
"""Characters after which a sentence without an end is cut, between two words; what has no white
space for so long is no sentence, and is dropped."""
_NUMBERS = r"\[\s*\d{1,9}(?:\s*[,;\u2013-]\s*\d{1,9})*\s*\]"
_MARKER = re.compile(rf"\s*{_NUMBERS}")
_UNSPACED = "\u0e00"
"""Thai, the first of the scripts that write no spaces between words, in the order of Unicode."""
_LEADING = re.compile(rf"(?:\s*{_NUMBERS}[.,;:]?)+")
_CLOSES = re.compile(
    rf"(?:(?<=[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])(?:\s*{_NUMBERS})+(?=\s)"
    rf"|(?:\s*{_NUMBERS})+(?=[^\S\n]*\n)|(?<=\.)(?:\s*{_NUMBERS})+(?=\s+[A-Z\u00c0-\u00de]))"
)
"""Markers that end a sentence where no stop does: in Thai, Lao, Burmese and Khmer, which have none,
at the end of a line, and between an abbreviation and a capital."""


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence as the model wrote it, without its markers, and their numbers."""

    text: str
    numbers: tuple[int, ...]
    marks: tuple[Mark, ...] = ()
    """Bold words and code, as places in ``text``."""


class SentenceStream:
    """Running text, character by character, to sentences."""

    def __init__(self) -> None:
        self._pending = ""

    def add(self, character: str) -> Iterator[WrittenSentence]:
        """Yield the sentences that are certainly complete: the next one has begun."""
        self._pending = in_one_notation(self._pending + character)
        if character.isspace():
            sentences, self._pending = _take(self._pending)
            yield from sentences
        elif len(self._pending) >= _LONGEST:
            boundary = self._pending.rfind(" ") + 1
            yield from written_sentences(self._pending[:boundary])
            self._pending = self._pending[boundary:] if boundary else ""

    def close(self) -> list[WrittenSentence]:
        """Return the sentences that are left, and begin with nothing."""
        pending, self._pending = self._pending, ""
        return [
            sentence
            for start, end in _sentences(pending)
            for sentence in written_sentences(pending[start:end])
        ]


def read_sentences(pieces: Iterable[str]) -> Iterator[WrittenSentence]:
    """Yield each sentence once the next one has begun; where the pieces are cut changes nothing."""
    stream = SentenceStream()
    for piece in pieces:
        for character in piece:
            yield from stream.add(character)
    yield from stream.close()


def _take(pending: str) -> tuple[list[WrittenSentence], str]:
    """Split off the sentences that are certainly complete: a word of the next one has come."""
    spans = _sentences(pending)
    if len(spans) < 2 or OPEN_MARKER.match(pending, *spans[-1]):  # noqa: PLR2004 - one is never complete
        return [], pending
    sentences = [
        sentence for start, end in spans[:-1] for sentence in written_sentences(pending[start:end])
    ]
    return sentences, pending[spans[-1][0] :]


def _sentences(text: str) -> list[tuple[int, int]]:
    """Split, giving markers that open a sentence to the sentence before."""
    spans: list[tuple[int, int]] = []
    for start, end in _split(text):
        leading = _LEADING.match(text, start, end) if spans else None
        if leading:
            spans[-1] = (spans[-1][0], leading.end())
        if not leading or text[leading.end() : end].strip():
            spans.append((leading.end() if leading else start, end))
    return spans


def _split(text: str) -> Iterator[tuple[int, int]]:
    for start, end in split_sentences(text):
        edges = [start, *(match.end() for match in _CLOSES.finditer(text, start, end)), end]
        yield from (span for span in pairwise(edges) if span[0] < span[1])


def written_sentences(text: str) -> list[WrittenSentence]:
    """Return one sentence as it reads, or none where no word is left of it."""
    sentence = written_text(text)
    return [sentence] if analyse(sentence.text) else []


def written_text(text: str) -> WrittenSentence:
    """Return a text as it reads, without links and emphasis, and the numbers of its markers."""
    numbers = dict.fromkeys(n for marker in _MARKER.findall(text) for n in _numbers(marker))
    emphasised_text = check_sentence(without_links(_MARKER.sub(_gap, text)))
    plain_text, marks = without_emphasis(emphasised_text)
    visible_text = check_sentence(plain_text)
    places = marks if visible_text == plain_text else ()
    return WrittenSentence(visible_text, tuple(numbers), places)


def _gap(marker: re.Match[str]) -> str:
    """Return what stays in a marker's place: a space between words that it would join otherwise.

    Joined words would hide a secret's first letter from the rules. Scripts without spaces get none.
    """
    following = marker.string[marker.end() : marker.end() + 1]
    return " " if marker.start() and following.isalnum() and following < _UNSPACED else ""


def _numbers(marker: str) -> Iterator[int]:
    for part in re.split(r"[,;]", marker.strip(" \t\n[]")):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        yield from range(ends[0], min(ends[-1], ends[0] + 20) + 1)
