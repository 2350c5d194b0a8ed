"""How likely is it that the evidence answers the question? A small model with public weights."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from math import exp, fsum

from generate.quoting.candidates import Ranked
from generate.quoting.named_things import NamedThing
from generate.quoting.question_types import lacks_kind
from index.text.content_terms import content_terms, has_negation
from retrieve.types import Passage


@dataclass(frozen=True, slots=True)
class EvidenceFeatures:
    """The figures that the estimate rests on; each is comparable between questions."""

    nearest: float
    """The highest cosine of the question and a sentence."""
    similarity: float
    """The highest cosine of the question and a chunk."""
    covered: float
    """The share of the question's content terms in the best sentence."""
    in_context: float
    """The same with the sentence's neighbours, title and headings."""
    names_missing: float
    """How many names of the question stand nowhere near the best sentence."""
    things_missing: float
    """How many of its codes, numbers, letters and units."""
    denial: float
    """1.0 if the question denies something and the best sentence does not."""
    kind_missing: float = 0.0
    """1.0 if the best sentence has no such words as the question asks for."""
    content_distance: float = 0.0
    """How far the best sentence is from the question's words, where the embedder shows tokens."""
    score: float = 0.0
    """There, the best sentence's log odds in the order of sentences."""
    by_words: float = 0.0
    """There 1.0."""


_BY_WHOLES = EvidenceFeatures(3.55, 2.68, 0.48, 1.2, -1.49, -5.39, -3.48, -1.14)
_BY_WORDS = EvidenceFeatures(
    1.66, 2.99, -0.61, 0.21, -1.49, -5.45, -3.42, -1.08, -1.44, 0.18, -0.82
)
_BIAS = -4.9


def describe(
    question: str,
    ranking: Sequence[Ranked],
    passages: Sequence[Passage],
    lacking: Sequence[NamedThing],
) -> EvidenceFeatures:
    """Compare the question with the best sentence and all passages.

    ``lacking`` is what the question names and the best sentence is not about.
    """
    best = ranking[0].candidate
    question_terms = set(content_terms(question))
    names = sum(thing.kind == "name" for thing in lacking)
    words = ranking[0].likeness.words
    return EvidenceFeatures(
        nearest=max(item.likeness.whole for item in ranking),
        similarity=max(passage.similarity for passage in passages),
        covered=len(question_terms.intersection(best.terms)) / max(len(question_terms), 1),
        in_context=len(question_terms & best.context) / max(len(question_terms), 1),
        names_missing=float(names),
        things_missing=float(len(lacking) - names),
        denial=float(has_negation(question) and not has_negation(best.text)),
        kind_missing=float(lacks_kind(question, f"{best.above}\n{best.text}")),
        content_distance=words.content_distance if words else 0.0,
        score=ranking[0].score if words else 0.0,
        by_words=float(words is not None),
    )


def confidence(features: EvidenceFeatures, shift: float = 0.0) -> float:
    """Return the estimate in [0, 1]: a logistic model fitted on SQuAD 2, see docs/quality.md.

    ``shift`` is what a reader adds, in log odds.
    """
    weights = _BY_WORDS if features.by_words else _BY_WHOLES
    terms = zip(astuple(weights), astuple(features), strict=True)
    return 1 / (1 + exp(-fsum((_BIAS, shift, *(weight * value for weight, value in terms)))))
