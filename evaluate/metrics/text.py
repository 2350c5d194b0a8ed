"""Comparing an answer's words with reference answers, as SQuAD does.

Source: Rajpurkar et al., SQuAD (2016), the official evaluation script.
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from evaluate.score import Score

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_ASCII_PUNCTUATION = frozenset(string.punctuation)
_NO_REFERENCE = Score.unjudged("there is no reference answer")


def normalise(text: str) -> str:
    """Lower the case, drop punctuation and English articles, join words by one space.

    Beyond SQuAD's script this drops Unicode punctuation too, such as curly quotes.
    """
    kept = "".join(c for c in text.lower() if not _is_punctuation(c))
    return " ".join(_ARTICLES.sub(" ", kept).split())


def exact_match(text: str, references: Sequence[str]) -> Score:
    """1 if the text equals a reference after normalisation, else 0."""
    if not references:
        return _NO_REFERENCE
    same = normalise(text) in {normalise(reference) for reference in references}
    return Score(float(same), "equals a reference" if same else "equals no reference")


def token_f1(text: str, references: Sequence[str]) -> Score:
    """Harmonic mean of token precision and recall against the best reference."""
    if not references:
        return _NO_REFERENCE
    best = max(references, key=lambda reference: pair_f1(text, reference))
    return Score(pair_f1(text, best), f"against {best[:80]!r}")


def pair_f1(text: str, reference: str) -> float:
    """Token F1 of two texts; 1 if both are empty after normalisation."""
    ours, theirs = normalise(text).split(), normalise(reference).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def contains(text: str, reference: str) -> bool:
    """Tell whether the reference's words stand in the text, in order and together."""
    wanted = normalise(reference)
    return bool(wanted) and f" {wanted} " in f" {normalise(text)} "


def _is_punctuation(character: str) -> bool:
    return character in _ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")
