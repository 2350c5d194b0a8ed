"""Comparing an answer's words with reference answers.

Sources: Rajpurkar et al., SQuAD (2016), the official evaluation script; Lin, ROUGE (2004).
"""

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Sequence

from evaluate.metrics.score import Score
from index.embedding.embedder import Embedder

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_WORD = re.compile(r"[^\W_]+")
_ASCII_PUNCTUATION = frozenset(string.punctuation)
_NO_REFERENCE = Score.unjudged("there is no reference answer")


def normalise(text: str) -> str:
    """Lower the case, drop punctuation and English articles, join words by one space.

    Beyond SQuAD's script this drops Unicode punctuation too, such as curly quotes, and takes a
    letter with a mark behind it, as PDF files have it, for the letter that has the mark.
    """
    whole = unicodedata.normalize("NFC", text).lower()
    letters = "".join(c for c in whole if not _is_punctuation(c))
    return " ".join(_ARTICLES.sub(" ", letters).split())


def exact_match(text: str, references: Sequence[str]) -> Score:
    """1 if the text equals a reference after normalisation, else 0."""
    if not references:
        return _NO_REFERENCE
    is_same = normalise(text) in {normalise(reference) for reference in references}
    return Score(float(is_same), "equals a reference" if is_same else "equals no reference")


def token_f1(text: str, references: Sequence[str]) -> Score:
    """Harmonic mean of token precision and recall against the best reference."""
    if not references:
        return _NO_REFERENCE
    best = max(references, key=lambda reference: pair_f1(text, reference))
    return Score(pair_f1(text, best), f"against {best[:80]!r}")


def rouge_l(text: str, references: Sequence[str]) -> Score:
    """F1 of the longest common subsequence of words, against the best reference.

    Words are runs of letters and digits, not stemmed: on ASCII those of the package rouge-score.
    """
    if not references:
        return _NO_REFERENCE
    best = max(references, key=lambda reference: pair_rouge_l(text, reference))
    return Score(pair_rouge_l(text, best), f"against {best[:80]!r}")


def similarity(text: str, references: Sequence[str], embedder: Embedder) -> Score:
    """Cosine of the text and the nearest reference, in [-1, 1], by their embeddings."""
    answers = [reference for reference in references if reference.strip()]
    if not answers:
        return _NO_REFERENCE
    if not text.strip():
        return Score(0.0, "there is no answer")
    vectors = embedder.embed([text, *answers])
    cosines = vectors[1:] @ vectors[0]
    nearest = int(cosines.argmax())
    return Score(float(cosines[nearest]), f"against {answers[nearest][:80]!r}")


def pair_rouge_l(text: str, reference: str) -> float:
    """ROUGE-L F1 of two texts; 0 if either has no word."""
    words, reference_words = _WORD.findall(text.lower()), _WORD.findall(reference.lower())
    if not words or not reference_words:
        return 0.0
    return 2 * _common(words, reference_words) / (len(words) + len(reference_words))


def _common(words: Sequence[str], reference_words: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(reference_words) + 1)
    for word in words:
        before = 0
        for column, other in enumerate(reference_words, start=1):
            above = row[column]
            row[column] = before + 1 if word == other else max(above, row[column - 1])
            before = above
    return row[-1]


def pair_f1(text: str, reference: str) -> float:
    """Token F1 of two texts; 1 if both are empty after normalisation."""
    words, reference_words = normalise(text).split(), normalise(reference).split()
    if not words or not reference_words:
        return float(words == reference_words)
    common_count = sum((Counter(words) & Counter(reference_words)).values())
    return 2 * common_count / (len(words) + len(reference_words))


def contains(text: str, reference: str) -> bool:
    """Tell whether the reference's words stand in the text, in order and together.

    Punctuation is dropped ("U.S." holds "US") or parts words ("1919-1980" holds "1980").
    """
    for words in (normalise, _part_words):
        phrase = words(reference)
        if phrase and f" {phrase} " in f" {words(text)} ":
            return True
    return False


def _part_words(text: str) -> str:
    return " ".join(_ARTICLES.sub(" ", " ".join(_WORD.findall(text.lower()))).split())


def _is_punctuation(character: str) -> bool:
    return character in _ASCII_PUNCTUATION or unicodedata.category(character).startswith("P")
