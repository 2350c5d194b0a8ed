"""A model's text to claims: sentences as they complete, and the passages their markers name."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from generate.prompting.model_notation import OPEN_MARKER, bare, in_one_notation
from generate.types import Claim, Quote
from generate.visible_text import check_sentence
from index.text.analyzer import analyse
from index.text.content_terms import content_terms
from index.text.sentence_splitter import split_sentences
from retrieve.types import Passage

_LONGEST = 2_000
"""Characters after which a sentence without an end is cut, between two words; what has no white
space for so long is no sentence, and is dropped."""
_GAIN = 0.15
"""A second sentence joins a quote if it covers this much more of the claim."""
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


def read_sentences(pieces: Iterable[str]) -> Iterator[WrittenSentence]:
    """Yield each sentence once the next one has begun; where the pieces are cut changes nothing."""
    pending = ""
    for piece in pieces:
        for character in piece:
            pending = in_one_notation(pending + character)
            if character.isspace():
                sentences, pending = _take(pending)
                yield from sentences
            elif len(pending) >= _LONGEST:
                boundary = pending.rfind(" ") + 1
                yield from _written(pending[:boundary])
                pending = pending[boundary:] if boundary else ""
    for start, end in _sentences(pending):
        yield from _written(pending[start:end])


def read_claims(pieces: Iterable[str], passages: Sequence[Passage]) -> Iterator[Claim]:
    """Map each sentence to the best span of every passage it cites.

    Markers that name no passage of this request are dropped; a sentence that cites nothing is
    tried on all passages, and verification decides.
    """
    for sentence in read_sentences(pieces):
        cited_passages = [passages[n - 1] for n in sentence.numbers if 1 <= n <= len(passages)]
        if not cited_passages:
            cited_passages = [
                max(passages, key=lambda passage: _coverage(sentence.text, passage.text))
            ]
        quotes = tuple(
            quote
            for passage in cited_passages
            if (quote := best_span(sentence.text, passage)) is not None
        )
        yield Claim(sentence.text, quotes)


def best_span(text: str, passage: Passage) -> Quote | None:
    """Return the sentence of the passage that covers most of the text, or two that adjoin."""
    spans = split_sentences(passage.text)
    if not spans:
        return None
    shares = [_coverage(text, passage.text[start:end]) for start, end in spans]
    best = max(range(len(spans)), key=shares.__getitem__)
    start, end = spans[best]
    wider = [(spans[i][0], spans[i + 1][1]) for i in (best - 1, best) if 0 <= i < len(spans) - 1]
    for first, last in wider:
        if _coverage(text, passage.text[first:last]) >= shares[best] + _GAIN:
            start, end = first, last
            break
    return Quote(passage, passage.start + start, passage.start + end)


def _take(pending: str) -> tuple[list[WrittenSentence], str]:
    """Split off the sentences that are certainly complete: a word of the next one has come."""
    spans = _sentences(pending)
    if len(spans) < 2 or OPEN_MARKER.match(pending, *spans[-1]):  # noqa: PLR2004 - one is never complete
        return [], pending
    sentences = [sentence for start, end in spans[:-1] for sentence in _written(pending[start:end])]
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


def _written(text: str) -> list[WrittenSentence]:
    numbers = dict.fromkeys(n for marker in _MARKER.findall(text) for n in _numbers(marker))
    visible_text = check_sentence(bare(_MARKER.sub(_gap, text)))
    return [WrittenSentence(visible_text, tuple(numbers))] if analyse(visible_text) else []


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


def _coverage(claim: str, text: str) -> float:
    claimed = set(content_terms(claim))
    return len(claimed.intersection(analyse(text))) / max(len(claimed), 1)
