"""How alike a question and sentences are: as wholes, and word by word.

Word by word is late interaction (Khattab and Zaharia, ColBERT, 2020): each word of the question
looks for the nearest token of the sentence. The states come out of the same pass through the model
as the vectors, so they cost next to nothing; no weights of their own were trained.

Cosines are of integers, whose sums are exact in float64 in any order, and means are rounded once
(``fsum``): the same bits on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray

from index.embedding.embedder import Embedder, Encoded, Matrix, TokenEmbedder
from index.text.analyzer import analyse
from index.text.content_terms import WORD, content_terms

_STEPS = 2.0**22
"""Steps into which a component of a unit vector is rounded: a sum of products is below 2 ** 53."""


@dataclass(frozen=True, slots=True)
class WordLikeness:
    """How near a sentence comes to the words of a question."""

    content_similarity: float
    """Mean cosine of the content words and their nearest tokens, weighted by rarity."""
    other_similarity: float
    """The same of the other words: who, when, of, is."""
    content_distance: float
    """Mean squared distance (1 - cosine) of the content words, weighted by rarity."""
    by_word: tuple[tuple[str, float], ...] = ()
    """Each content word of the question and its mean cosine, in the question's order."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike a model finds a question and a sentence."""

    whole: float
    """Cosine of the two texts."""
    words: WordLikeness | None = None
    """None where the embedder shows no tokens."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the question."""

    tokens: tuple[int, ...]
    """The places of its pieces among the question's tokens."""
    rarity: float
    """Of its rarest content term; 0 where it has none."""
    text: str


def compare(
    question: str, texts: Sequence[str], rarities: Mapping[str, float], embedder: Embedder
) -> list[Likeness]:
    """Compare the question with each text; ``rarities`` are of the question's content terms."""
    if not isinstance(embedder, TokenEmbedder):
        vectors = embedder.embed([question, *texts])
        return [Likeness(float(row[0])) for row in cosines(vectors[1:], vectors[:1])]
    encoded_question, *encoded_texts = embedder.encode([question, *texts])
    words = _words(question, encoded_question, rarities)
    wholes = cosines(np.array([one.vector for one in encoded_texts]), encoded_question.vector[None])
    return [
        Likeness(float(whole[0]), _by_words(words, encoded_question, one))
        for whole, one in zip(wholes, encoded_texts, strict=True)
    ]


def cosines(rows: Matrix, others: Matrix) -> NDArray[np.float64]:
    """Return the cosines of unit rows, within 1e-6: shape (rows, others)."""
    steps, other_steps = (np.rint(one.astype(np.float64) * _STEPS) for one in (rows, others))
    return np.asarray(steps @ other_steps.T / _STEPS**2)


def _words(question: str, encoded_question: Encoded, rarities: Mapping[str, float]) -> list[_Word]:
    """Find the question's words among its tokens; what the model has cut off is left out."""
    content = frozenset(content_terms(question))
    words = []
    for match in WORD.finditer(question):
        inside = tuple(
            at
            for at, (start, end) in enumerate(encoded_question.offsets)
            if match.start() <= start and end <= match.end()
        )
        terms = content.intersection(analyse(match.group()))
        if inside:
            rarity = max((rarities.get(term, 0.0) for term in terms), default=0)
            words.append(_Word(inside, rarity, match.group()))
    return words


def _by_words(words: Sequence[_Word], encoded_question: Encoded, text: Encoded) -> WordLikeness:
    if not len(text.tokens) or not words:
        return WordLikeness(0.0, 0.0, 1.0)
    nearest = cosines(encoded_question.tokens, text.tokens).max(axis=1).tolist()
    similarities = [_mean([nearest[at] for at in word.tokens]) for word in words]
    rarities = [word.rarity for word in words]
    if not any(rarities):
        rarities = [1.0] * len(words)
    others = [one for one, word in zip(similarities, words, strict=True) if not word.rarity]
    return WordLikeness(
        content_similarity=_mean(similarities, rarities),
        other_similarity=_mean(others or nearest),
        content_distance=_mean([(1 - one) ** 2 for one in similarities], rarities),
        by_word=tuple(
            (word.text, one) for one, word in zip(similarities, words, strict=True) if word.rarity
        ),
    )


def _mean(values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    known_weights = weights or [1.0] * len(values)
    weighed = fsum(value * weight for value, weight in zip(values, known_weights, strict=True))
    return weighed / fsum(known_weights)
