"""Contrasts: from one answerable question, questions and texts that look alike and do not answer.

A reader that learned from plain question sets takes any text with the question's words for an
answer. So each example is altered on both sides. A thing that question and text both name is
swapped for another of its kind in the question, in the text, or in both. Only where question and
text name the same thing is there an answer, so neither side alone tells which label it bears
(Kaushik et al., Counterfactually-Augmented Data, 2020; Gardner et al., Contrast Sets, 2020).
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from generate.quoting.reader_training import Example
from generate.verification.antonyms import opposite_words
from index.text.content_terms import content_terms
from index.text.sentence_splitter import split_sentences

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w.,-])")
_CAPITALISED = r"[A-Z\u00c0-\u00de][^\W\d_]+(?:[-'\u2019][^\W\d_]+)*"
_NAME = re.compile(rf"(?<=[\w,;)] )(?:the )?({_CAPITALISED}(?: {_CAPITALISED})*)")
_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True, slots=True)
class ContrastShares:
    """How often each kind of example is made, for each example that allows it."""

    question_altered: float = 0.9
    text_altered: float = 0.3
    both_altered: float = 0.45
    word_swapped: float = 0.6
    answer_removed: float = 0.5
    opposite: float = 0.5
    whole_text: float = 0.15
    """The share of texts that stay whole; of the others a few sentences are left."""


@dataclass(frozen=True, slots=True)
class Things:
    """Names and words of all questions that may be swapped in."""

    names: tuple[str, ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "Things":
        """Collect what questions name and their texts hold, too."""
        names: set[str] = set()
        words: set[str] = set()
        for example in examples:
            names.update(shared_names(example.question, example.text))
            text_words = set(_WORD.findall(example.text.lower()))
            words.update(text_words.intersection(_WORD.findall(example.question.lower())))
        return cls(tuple(sorted(names)), tuple(sorted(words)))


class Related:
    """Words that are used like another one, by the embedding model's vectors of single tokens."""

    def __init__(self, vectors: dict[str, Sequence[float]]) -> None:
        import numpy as np

        self._words = sorted(vectors)
        rows = np.asarray([vectors[word] for word in self._words], np.float32)
        rows -= rows.mean(axis=0)
        self._rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        self._places = {word: place for place, word in enumerate(self._words)}
        self._others: dict[str, list[str]] = {}

    def near(self, word: str, first: int = 5, last: int = 20) -> list[str]:
        """Return words of like use but for the nearest, which often say the same; or none."""
        if word not in self._places:
            return []
        if word not in self._others:
            self._others[word] = self._in_order(word, last)
        return self._others[word][first:last]

    def _in_order(self, word: str, last: int) -> list[str]:
        cosines = self._rows @ self._rows[self._places[word]]
        stem = word[:4]
        order = cosines.argsort()[::-1][1 : 2 * last]
        return [self._words[i] for i in order if not self._words[i].startswith(stem)]


class ContrastMaker:
    """Makes examples from an answerable one; seeded, so that the same are made again."""

    def __init__(
        self,
        things: Things,
        related: Related | None = None,
        shares: ContrastShares | None = None,
        *,
        seed: int = 0,
    ) -> None:
        self._names_by_length: dict[int, list[str]] = {}
        for name in things.names:
            self._names_by_length.setdefault(len(name.split()), []).append(name)
        self._words = frozenset(things.words)
        self._related = related
        self._shares = shares or ContrastShares()
        self._random = random.Random(seed)

    def examples(self, example: Example) -> Iterator[Example]:
        """Yield the example itself and its contrasts, each with a part of its text."""
        shares = self._shares
        yield self._window(example)
        if example.start is None:
            return
        if self._chance(shares.answer_removed) and (shorter := without_answer(example)):
            yield self._window(shorter)
        for swap in self._swaps(example):
            yield from self._swapped(example, *swap)
        if self._chance(shares.opposite) and (denied := self._opposite(example)):
            yield self._window(denied)

    def _swapped(self, example: Example, words: str, other: str) -> Iterator[Example]:
        question = _put(example.question, words, other)
        if question is None:
            return
        if self._chance(self._shares.question_altered):
            yield self._window(_unanswered(example, question=question), near=example)
        text = _put_in_text(example, words, other)
        if text is None or other.lower() in example.text.lower():
            return
        if self._chance(self._shares.text_altered):
            yield self._window(replace(text, start=None, end=None), near=text)
        if self._chance(self._shares.both_altered):
            yield self._window(replace(text, question=question))

    def _swaps(self, example: Example) -> Iterator[tuple[str, str]]:
        """Yield at most one swap of a name or a number, and at most one of a word."""
        answer = _answer(example).lower()
        things = [
            thing
            for thing in (
                *shared_names(example.question, example.text),
                *_NUMBER.findall(example.question),
            )
            if thing.lower() not in answer
        ]
        if things:
            thing = self._random.choice(things)
            other = self._other_thing(thing, example)
            if other:
                yield thing, other
        words = sorted(
            set(_WORD.findall(example.question.lower()))
            & set(_WORD.findall(example.text.lower()))
            & self._words
        )
        words = [word for word in words if _carries_content(word)]
        if words and self._related and self._chance(self._shares.word_swapped):
            word = self._random.choice(words)
            near = [w for w in self._related.near(word) if w not in example.question.lower()]
            if near and word not in answer:
                yield word, self._random.choice(near)

    def _other_thing(self, thing: str, example: Example) -> str | None:
        if _NUMBER.fullmatch(thing):
            return self._other_number(thing)
        answer = _answer(example)
        beside: list[str] = [
            name
            for name in _NAME.findall(example.text)
            if name not in example.question and name not in answer and answer not in name
        ]
        if beside and self._chance(0.4):
            return self._random.choice(beside)
        alike = self._names_by_length.get(len(thing.split()), [])
        return self._random.choice(alike) if alike else None

    def _other_number(self, number: str) -> str:
        digits = [match.start() for match in re.finditer(r"\d", number)]
        place = digits[-1] if self._chance(0.7) else self._random.choice(digits)
        others = [digit for digit in "123456789" if digit != number[place]]
        return number[:place] + self._random.choice(others) + number[place + 1 :]

    def _opposite(self, example: Example) -> Example | None:
        """Return the question with one word turned into its opposite."""
        text = example.text.lower()
        turned = [
            (word, other)
            for word in _WORD.findall(example.question)
            for other in opposite_words(word)
            if other not in text
        ]
        if not turned:
            return None
        question = _put(example.question, *self._random.choice(turned))
        return _unanswered(example, question=question) if question else None

    def _window(self, example: Example, near: Example | None = None) -> Example:
        """Leave a few sentences around the answer, or around where it stands in ``near``."""
        if self._chance(self._shares.whole_text):
            return example
        spans = split_sentences(example.text)
        anchor = near if near is not None else example
        at = anchor.start if anchor.start is not None else None
        place = next(
            (i for i, (_, end) in enumerate(spans) if at is not None and at < end),
            self._random.randrange(max(len(spans), 1)),
        )
        first = max(0, place - self._random.randrange(3))
        last = min(len(spans) - 1, place + self._random.randrange(3))
        if not spans:
            return example
        start, end = spans[first][0], spans[last][1]
        if example.start is not None and example.end is not None and example.end > end:
            return example
        moved = None if example.start is None else example.start - start
        until = None if example.end is None else example.end - start
        return replace(example, text=example.text[start:end], start=moved, end=until)

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


@cache
def _carries_content(word: str) -> bool:
    return bool(content_terms(word))


def shared_names(question: str, text: str) -> list[str]:
    """Return the text's names that the question has, too, as the question writes them."""
    lowered = question.lower()
    matches = (
        re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", lowered)
        for name in dict.fromkeys(_NAME.findall(text))
        if name.lower() in lowered
    )
    spans = sorted({match.span() for match in matches if match}, key=lambda s: s[0] - s[1])
    names: list[tuple[int, int]] = []
    for start, end in spans:
        if all(end <= a or b <= start for a, b in names):
            names.append((start, end))
    return [question[start:end] for start, end in sorted(names)]


def without_answer(example: Example) -> Example | None:
    """Return the example without the sentences that hold the answer's words, or none."""
    answer = _answer(example)
    spans = split_sentences(example.text)
    sentences = [
        example.text[start:end] for start, end in spans if answer not in example.text[start:end]
    ]
    if not sentences or len(sentences) == len(spans):
        return None
    return replace(example, text=" ".join(sentences), start=None, end=None)


def _answer(example: Example) -> str:
    if example.start is None or example.end is None:
        return ""
    return example.text[example.start : example.end]


def _unanswered(example: Example, *, question: str) -> Example:
    return replace(example, question=question, start=None, end=None)


def _put(question: str, words: str, other: str) -> str | None:
    """Put other words in the place of some, or return none where they do not stand alone."""
    match = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", question, re.IGNORECASE)
    if match is None:
        return None
    as_in_question = other.lower() if question == question.lower() else other
    return f"{question[: match.start()]}{as_in_question}{question[match.end() :]}"


def _put_in_text(example: Example, words: str, other: str) -> Example | None:
    """Put other words in every place of the text outside the answer; the answer's place moves."""
    assert example.start is not None
    assert example.end is not None
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    if pattern.search(_answer(example)):
        return None
    before, changes = pattern.subn(_as_written(other), example.text[: example.start])
    after, more = pattern.subn(_as_written(other), example.text[example.end :])
    if not changes + more:
        return None
    start = len(before)
    answer = _answer(example)
    return replace(example, text=f"{before}{answer}{after}", start=start, end=start + len(answer))


def _as_written(other: str) -> Callable[[re.Match[str]], str]:
    """Write the other words with a capital where the replaced ones had it."""

    def write(match: re.Match[str]) -> str:
        return other[:1].upper() + other[1:] if match.group()[:1].isupper() else other

    return write
