"""How likely is it that the evidence answers the question? A small model with public weights."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import exp

from generate.candidates import Ranked
from generate.words import content_terms, names, negated, numbers
from index.analyser import analyse
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


_WEIGHTS = EvidenceFeatures(4.12, 2.2, 0.82, 0.72, -0.95, -1.65, -3.04)
_BIAS = -4.91


def describe(
    question: str, ranked: Sequence[Ranked], passages: Sequence[Passage]
) -> EvidenceFeatures:
    """Compare the question with the best sentence, its passage and all passages."""
    best = ranked[0].candidate
    asked = set(content_terms(question))
    passage = best.quote.passage
    known = {*analyse(passage.text), *best.context}
    wanted = names(question)
    return EvidenceFeatures(
        nearest=max(item.similarity for item in ranked),
        similarity=max(passage.similarity for passage in passages),
        covered=len(asked.intersection(best.terms)) / max(len(asked), 1),
        in_context=len(asked & best.context) / max(len(asked), 1),
        names_missing=len(wanted - known) / max(len(wanted), 1),
        numbers_missing=float(bool(numbers(question) - numbers(passage.text))),
        denial=float(negated(question) and not negated(best.text)),
    )


def confidence(features: EvidenceFeatures, shift: float = 0.0) -> float:
    """Return the estimate in [0, 1]: a logistic model fitted on SQuAD 2, see docs/quality.md.

    ``shift`` is what a reader adds, in log odds.
    """
    terms = zip(astuple(_WEIGHTS), astuple(features), strict=True)
    return 1 / (1 + exp(-_BIAS - shift - sum(weight * value for weight, value in terms)))
