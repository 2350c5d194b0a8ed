"""How likely is it that the evidence answers the question? A small model with public weights."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import exp, fsum

from generate.quoting.candidates import Ranked
from index.text.analyzer import analyse
from index.text.content_terms import content_terms, names, negated, numbers
from retrieve.types import Passage


@dataclass(frozen=True, slots=True)
class EvidenceFeatures:
    """What the estimate rests on; every figure is comparable between questions."""

    nearest: float
    """The highest cosine of the question and a sentence."""
    similarity: float
    """The highest cosine of the question and a chunk."""
    covered: float
    """The share of the question's content terms in the best sentence."""
    in_context: float
    """The same with the sentence's neighbours, title and headings."""
    names_missing: float
    """The share of the question's names that the best sentence's passage lacks."""
    numbers_missing: float
    """1.0 if the passage lacks a number of the question."""
    denial: float
    """1.0 if the question denies something and the best sentence does not."""
    missed: float = 0.0
    """How far the best sentence is from the question's words, where the embedder shows tokens."""
    score: float = 0.0
    """There, the best sentence's log odds in the order of sentences."""
    by_words: float = 0.0
    """There 1.0."""


_BY_WHOLES = EvidenceFeatures(3.91, 2.19, 0.65, 0.9, -0.93, -1.72, -2.98)
_BY_WORDS = EvidenceFeatures(2.45, 2.44, -0.21, 0.23, -0.95, -1.76, -3.1, -0.96, 0.14, -0.68)
_BIAS = -4.78


def describe(
    question: str, ranked: Sequence[Ranked], passages: Sequence[Passage]
) -> EvidenceFeatures:
    """Compare the question with the best sentence, its passage and all passages."""
    best = ranked[0].candidate
    asked = set(content_terms(question))
    passage = best.quote.passage
    known = {*analyse(passage.text), *best.context}
    wanted = names(question)
    words = ranked[0].likeness.words
    return EvidenceFeatures(
        nearest=max(item.likeness.whole for item in ranked),
        similarity=max(passage.similarity for passage in passages),
        covered=len(asked.intersection(best.terms)) / max(len(asked), 1),
        in_context=len(asked & best.context) / max(len(asked), 1),
        names_missing=len(wanted - known) / max(len(wanted), 1),
        numbers_missing=float(bool(numbers(question) - numbers(passage.text))),
        denial=float(negated(question) and not negated(best.text)),
        missed=words.missed if words else 0.0,
        score=ranked[0].score if words else 0.0,
        by_words=float(words is not None),
    )


def confidence(features: EvidenceFeatures, shift: float = 0.0) -> float:
    """Return the estimate in [0, 1]: a logistic model fitted on SQuAD 2, see docs/quality.md.

    ``shift`` is what a reader adds, in log odds.
    """
    weights = _BY_WORDS if features.by_words else _BY_WHOLES
    terms = zip(astuple(weights), astuple(features), strict=True)
    return 1 / (1 + exp(-fsum((_BIAS, shift, *(weight * value for weight, value in terms)))))
