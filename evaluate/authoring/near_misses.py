"""Near misses: questions about another thing than the one that their document tells of.

A question whose year, number, code, letter, name or unit is swapped reads like the original, and
no document answers it. What is swapped in comes from other questions of the same set, or is made
from the original, and stands in none of the documents that answer it.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Swap = Literal["number", "code", "letter", "name", "unit"]

_CODE = re.compile(r"(?<!\w)(?=[\w-]*[^\W\d_])[\w-]*\d{2,}(?!\w)")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w.,-]|\s?%)")
_LETTER = re.compile(r"(?<=[a-z] )[B-HJ-Z](?=[\s?])")
_CAPITALISED = r"[A-Z\u00c0-\u00de][^\W\d_A-Z]{2,}(?:-[^\W\d_]+)*(?![\w'\u2019-])"
_NAME = re.compile(rf"(?<=[a-z,] ){_CAPITALISED}(?: {_CAPITALISED})*")
_UNITS = {
    "kilometres": "miles", "miles": "kilometres", "kilograms": "pounds", "litres": "gallons",
    "metres": "feet", "feet": "metres", "dollars": "euros", "euros": "dollars",
    "pounds": "kilograms", "crowns": "dollars", "acres": "hectares", "tons": "litres",
}  # fmt: skip
_UNIT = re.compile(rf"\b(?:{'|'.join(_UNITS)})\b")
_TRIES = 20


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A question with one thing swapped."""

    question: str
    original: str
    swap: Swap
    asked_for: str
    """The words that were put in."""


def near_misses(
    questions: Sequence[str], answering_texts: Sequence[str], *, seed: int = 0
) -> Iterator[NearMiss]:
    """Yield at most one near miss of each kind for each question.

    ``answering_texts`` holds the text that answers each question. The words put in are not in it.
    """
    rng = random.Random(seed)
    names = sorted({name for question in questions for name in _NAME.findall(question)})
    for question, text in zip(questions, answering_texts, strict=True):
        for swap, pattern in _PATTERNS.items():
            matches = list(pattern.finditer(question))
            if not matches:
                continue
            match = rng.choice(matches)
            other = _other(swap, match.group(), text, names, rng)
            if other is not None:
                near_question = question[: match.start()] + other + question[match.end() :]
                yield NearMiss(near_question, question, swap, other)


_PATTERNS: dict[Swap, re.Pattern[str]] = {
    "code": _CODE, "number": _NUMBER, "letter": _LETTER, "name": _NAME, "unit": _UNIT,
}  # fmt: skip


def _other(
    swap: Swap, words: str, text: str, names: Sequence[str], rng: random.Random
) -> str | None:
    """Return something else of the same kind that the text does not have."""
    for _ in range(_TRIES):
        other = _candidate(swap, words, names, rng)
        if other and other != words and not _stands_in(other, text):
            return other
    return None


def _candidate(swap: Swap, words: str, names: Sequence[str], rng: random.Random) -> str | None:
    if swap == "unit":
        return _UNITS[words]
    if swap == "letter":
        return rng.choice("BCDEFGHKLMNPQRSTUVWXYZ")
    if swap == "name":
        alike = [name for name in names if len(name.split()) == len(words.split())]
        return rng.choice(alike) if alike else None
    last = list(re.finditer(r"\d", words))[-1].start()
    digit = rng.choice([d for d in "0123456789" if d != words[last]])
    return words[:last] + digit + words[last + 1 :]


def _stands_in(other: str, text: str) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(word)}", text) for word in other.split())
