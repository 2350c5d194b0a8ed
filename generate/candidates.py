"""The sentences of the retrieved passages, described by what speaks for quoting them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from generate.context import leans_on
from generate.kinds import answer_kind
from generate.listing import Unit, quotable
from generate.types import Quote
from generate.words import content_terms
from index.analyser import analyse
from index.embedder import Embedder
from retrieve.types import Passage

_LONGEST = 800
"""Characters of a candidate; what is longer is a table or a page without full stops."""
_BULLET = re.compile(r"[-*+\u2022\u25aa\u25cf\u2013][^\S\n]+(?=\S)")
_FEWEST_TERMS = 3
"""A sentence with fewer terms is a heading, a label or a page number."""
_PART = re.compile(r"_|(?<=[a-z])(?=[A-Z])")
"""Where words meet in the names of code: snake_case, camelCase."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted."""

    quote: Quote
    text: str
    """The sentence with every run of white space as one space."""
    terms: tuple[str, ...]
    context: frozenset[str]
    """Terms of the sentence, of its neighbours, and of the document's title and headings."""
    follows: frozenset[str]
    """Terms of the sentence, of the one before it, and of the title and headings."""
    leans_on: Quote | None = None
    """The sentence, header row or outer line without which this one is not understood."""
    fewest_terms: int = 0
    """With fewer it is a heading, a label or a page number."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, its likelihood of holding the answer (log odds), and what that rests on."""

    candidate: Candidate
    score: float
    similarity: float
    """Cosine of question and sentence."""


def candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Cut the passages into sentences; the same place or the same words count once."""
    found: list[Candidate] = []
    seen: set[str] = set()
    for passage in passages:
        for candidate in _cut(passage):
            if candidate.text not in seen:
                seen.add(candidate.text)
                found.append(candidate)
    fit = [c for c in found if len(c.terms) >= c.fewest_terms and len(c.text) <= _LONGEST]
    return fit or found


def rank(question: str, pool: Sequence[Candidate], embedder: Embedder, keep: int) -> list[Ranked]:
    """Order the candidates, best first; only the ``keep`` best by words are embedded.

    The score is a logistic model of six features, calibrated on SQuAD 2: docs/quality.md.
    """
    if not pool:
        return []
    features = _lexical_features(question, pool)
    first = np.argsort(-features @ _WEIGHTS, kind="stable")[:keep]
    vectors = embedder.embed([question, *(pool[i].text for i in first)])
    similarities = vectors[1:] @ vectors[0]
    scores = features[first] @ _WEIGHTS + _COSINE * similarities
    order = np.argsort(-scores, kind="stable")
    return [Ranked(pool[first[i]], float(scores[i]), float(similarities[i])) for i in order]


_WEIGHTS = np.array([2.43, 1.42, 3.27, 1.29, 0.57])
"""Of ``_lexical_features``, in log odds."""
_COSINE = 3.46


def _cut(passage: Passage) -> list[Candidate]:
    above = frozenset(analyse(" ".join((passage.chunk.title, *passage.chunk.headings))))
    units = quotable(passage.text)
    spans = [_without_bullet(passage.text, (unit.start, unit.end)) for unit in units]
    texts = [" ".join(passage.text[start:end].split()) for start, end in spans]
    terms = [_terms(text, unit) for text, unit in zip(texts, units, strict=True)]
    found = []
    for i, span in enumerate(spans):
        quote = _quote(passage, span)
        follows = above.union(*terms[max(0, i - 1) : i + 1])
        context = follows.union(*terms[i + 1 : i + 2])
        before = units[i].inside if units[i].line else leans_on(texts, i)
        found.append(
            Candidate(
                quote,
                texts[i],
                terms[i],
                context,
                follows,
                None if before is None else _quote(passage, spans[before]),
                2 if units[i].line else _FEWEST_TERMS,
            )
        )
    return found


def _terms(text: str, unit: Unit) -> tuple[str, ...]:
    """Analyse a candidate; the names in a listing are made of words."""
    return tuple(analyse(_PART.sub(" ", text) if unit.line else text))


def _without_bullet(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Leave a list item's bullet out: it is no word of the sentence."""
    bullet = _BULLET.match(text, *span)
    return (bullet.end(), span[1]) if bullet else span


def _quote(passage: Passage, span: tuple[int, int]) -> Quote:
    return Quote(passage, passage.start + span[0], passage.start + span[1])


def _lexical_features(question: str, pool: Sequence[Candidate]) -> NDArray[np.float64]:
    """Return shape (candidates, 5): BM25, terms in context, passage score, kind, log length."""
    asked = list(dict.fromkeys(content_terms(question)))
    rarity = _rarities(asked, pool)
    bm25 = np.asarray(BM25Okapi([c.terms or ("",) for c in pool]).get_scores(asked))
    total = sum(rarity.values()) or 1.0
    kind = answer_kind(question)
    rest = [
        (
            sum(rarity[term] for term in asked if term in c.follows) / total,
            c.quote.passage.score,
            kind.found_in(c.text, asked),
            log1p(len(c.terms)),
        )
        for c in pool
    ]
    return np.column_stack([bm25 / max(float(bm25.max()), 1e-9), np.asarray(rest)])


def _rarities(asked: Sequence[str], pool: Sequence[Candidate]) -> dict[str, float]:
    """Return each term's inverse document frequency over the candidates alone."""
    counts = {term: sum(term in c.terms for c in pool) for term in asked}
    total = len(pool)
    return {term: log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in counts.items()}
