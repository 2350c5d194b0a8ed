"""The sentences of the retrieved passages, described by what speaks for quoting them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log, log1p

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from generate.quoting.antecedents import leans_on
from generate.quoting.code_listing import ListingUnit, quotable
from generate.quoting.late_interaction import Likeness, compare
from generate.quoting.question_types import answer_kind
from generate.types import Quote
from index.embedding.embedder import Embedder
from index.text.analyzer import analyse
from index.text.content_terms import content_terms
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
    likeness: Likeness


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

    The score is a logistic model of seven features, of six where the embedder shows no tokens,
    fitted on SQuAD 2: docs/quality.md.
    """
    if not pool:
        return []
    rarities = rarity_of_terms(question, pool)
    lexical = lexical_features(question, pool, rarities)
    first = np.argsort(-weigh(lexical, FIRST), kind="stable")[:keep]
    likenesses = compare(question, [pool[i].text for i in first], rarities, embedder)
    features = np.column_stack([lexical[first], [likeness_features(one) for one in likenesses]])
    scores = weigh(features, _BY_WORDS if likenesses[0].words else _BY_WHOLES)
    order = np.argsort(-scores, kind="stable")
    return [Ranked(pool[first[i]], float(scores[i]), likenesses[i]) for i in order]


FIRST = (3.65, 3.46, 9.86, 2.2, 0.51)
"""Of ``lexical_features`` alone, in log odds."""
_BY_WHOLES = (2.23, 4.07, 7.59, 2.13, 0.54, 6.62)
_BY_WORDS = (0.27, 3.27, 6.84, 1.98, -0.19, 8.63, 6.27)
"""Of these and of ``likeness_features``."""


def likeness_features(likeness: Likeness) -> tuple[float, ...]:
    """Return the cosines of the words, asked for and asking; of the whole where none are known."""
    words = likeness.words
    return (words.asked, words.asking) if words else (likeness.whole,)


def weigh(features: NDArray[np.float64], weights: Sequence[float]) -> NDArray[np.float64]:
    """Return each row's weighted sum, added in one order on every machine."""
    total = np.zeros(len(features))
    for column, weight in enumerate(weights):
        total += features[:, column] * weight
    return total


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


def _terms(text: str, unit: ListingUnit) -> tuple[str, ...]:
    """Analyse a candidate; the names in a listing are made of words."""
    return tuple(analyse(_PART.sub(" ", text) if unit.line else text))


def _without_bullet(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Leave a list item's bullet out: it is no word of the sentence."""
    bullet = _BULLET.match(text, *span)
    return (bullet.end(), span[1]) if bullet else span


def _quote(passage: Passage, span: tuple[int, int]) -> Quote:
    return Quote(passage, passage.start + span[0], passage.start + span[1])


def lexical_features(
    question: str, pool: Sequence[Candidate], rarity: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return shape (candidates, 5): BM25, terms in context, passage score, kind, log length.

    ``rarity`` is of the question's content terms, in their order.
    """
    asked = list(rarity)
    bm25 = np.asarray(BM25Okapi([c.terms or ("",) for c in pool]).get_scores(asked))
    total = fsum(rarity.values()) or 1.0
    kind = answer_kind(question)
    rest = [
        (
            fsum(rarity[term] for term in asked if term in c.follows) / total,
            c.quote.passage.score,
            kind.found_in(c.text, asked),
            log1p(len(c.terms)),
        )
        for c in pool
    ]
    best = float(bm25.max())
    relative = np.maximum(bm25 / best, -1.0) if best > 0 else np.zeros(len(pool))
    return np.column_stack([relative, np.asarray(rest)])


def rarity_of_terms(question: str, pool: Sequence[Candidate]) -> dict[str, float]:
    """Return each content term's inverse document frequency over the candidates alone."""
    asked = dict.fromkeys(content_terms(question))
    counts = {term: sum(term in c.terms for c in pool) for term in asked}
    total = len(pool)
    return {term: log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in counts.items()}
