"""The sentences of the retrieved passages, described by what speaks for quoting them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log, log1p
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from generate.quoting.antecedents import leans_on
from generate.quoting.code_listing import ListingUnit, quotable
from generate.quoting.late_interaction import Likeness, compare
from generate.quoting.passage_structure import Role, roles
from generate.quoting.question_types import answer_kind
from generate.quoting.table_rows import (
    TableRow,
    caption_in_context,
    header_in_context,
    header_of,
    headers,
    holds_data,
)
from generate.types import Quote
from index.embedding.embedder import Embedder
from index.text.analyzer import analyse
from index.text.content_terms import content_terms
from index.text.table_headers import caption_start, cells_of, joined_header
from retrieve.types import Passage

_LONGEST = 800
"""Characters of a candidate; what is longer is a table or a page without full stops."""
_BULLET = re.compile(r"[-*+\u2022\u25aa\u25cf\u2013][^\S\n]+(?=\S)")
_LONGEST_ROW = 2000
"""Characters of a row."""
_FEWEST_TERMS = 3
"""Words without a full stop and with fewer terms are a heading, a label or a page number."""
_STATES_LITTLE = re.compile(r"\b(?:is|are|was|were|see)\b", re.IGNORECASE)
_ENDS = (".", "!", "\u2026", "\u3002", "\uff01")
_PART = re.compile(r"_|(?<=[a-z])(?=[A-Z])")
"""Where words meet in the names of code: snake_case, camelCase."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence or a row that may be quoted."""

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
    role: Role = Role.SENTENCE
    above: str = ""
    """Title, file name, headings and header row: what the sentence stands under."""
    heading: str = ""
    """The nearest heading, or the question that it stands under."""
    neighbours: str = ""
    """The sentences before and after it."""
    row: TableRow | None = None

    @property
    def before(self) -> str:
        """The passage's text before the sentence."""
        passage = self.quote.passage
        return passage.text[: self.quote.start - passage.start]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, its likelihood of holding the answer (log odds), and what that rests on."""

    candidate: Candidate
    score: float
    likeness: Likeness


def candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Cut the passages into what can answer; the same place or the same words count once."""
    pool: dict[str, Candidate] = {}
    for passage in passages:
        for candidate in _cut(passage):
            if candidate.role.is_answer:
                pool.setdefault(candidate.text, candidate)
    return list(filter(_is_fit, pool.values())) or list(pool.values())


def _is_fit(candidate: Candidate) -> bool:
    """Tell whether it is long enough to say something, and short enough to be quoted."""
    longest = _LONGEST_ROW if candidate.row else _LONGEST
    return len(candidate.terms) >= candidate.fewest_terms and len(candidate.text) <= longest


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
    texts = [text_to_compare(pool[i], rarities) for i in first]
    likenesses = compare(question, texts, rarities, embedder)
    features = np.column_stack([lexical[first], [likeness_features(one) for one in likenesses]])
    scores = weigh(features, _BY_WORDS if likenesses[0].words else _BY_WHOLES)
    order = np.argsort(-scores, kind="stable")
    return [Ranked(pool[first[i]], float(scores[i]), likenesses[i]) for i in order]


def text_to_compare(candidate: Candidate, rarities: Mapping[str, float]) -> str:
    """Return what is compared with the question.

    A row is read out with the names of its columns; a sentence below a heading that has much of
    the question is read after it.
    """
    text = candidate.row.spoken if candidate.row else candidate.text
    shared_rarity = fsum(rarities.get(term, 0.0) for term in set(analyse(candidate.heading)))
    is_asked = candidate.heading and shared_rarity >= _HEADING_SHARE * fsum(rarities.values())
    return f"{candidate.heading} {text}" if is_asked else text


_HEADING_SHARE = 0.6
"""A heading with so much of the question, by the rarity of its words, is what was asked for."""


FIRST = (3.65, 3.46, 9.86, 2.2, 0.51)
"""Of ``lexical_features`` alone, in log odds."""
_BY_WHOLES = (2.23, 4.07, 7.59, 2.13, 0.54, 6.62)
_BY_WORDS = (0.27, 3.27, 6.84, 1.98, -0.19, 8.63, 6.27)
"""Of these and of ``likeness_features``."""


def likeness_features(likeness: Likeness) -> tuple[float, ...]:
    """Return the cosines of the words, asked for and asking; of the whole where none are known."""
    words = likeness.words
    return (words.content_similarity, words.other_similarity) if words else (likeness.whole,)


def weigh(features: NDArray[np.float64], weights: Sequence[float]) -> NDArray[np.float64]:
    """Return each row's weighted sum, added in one order on every machine."""
    total = np.zeros(len(features))
    for column, weight in enumerate(weights):
        total += features[:, column] * weight
    return total


def _cut(passage: Passage) -> list[Candidate]:
    units = quotable(passage.text)
    spans = [_without_bullet(passage.text, (unit.start, unit.end)) for unit in units]
    texts = [" ".join(passage.text[start:end].split()) for start, end in spans]
    header = header_in_context(passage.chunk.context)
    first = cells_of(texts[0]) if texts else ()
    is_header = first == header or (len(texts) > 1 and joined_header(*texts[:2]) == header)
    is_within_table = not is_header if header else passage.start > 0 and holds_data(first)
    headings = (passage.chunk.title, *passage.chunk.headings)
    structure = roles(passage.text, units, headings, begins_within_table=is_within_table)
    return list(_Cut(passage, units, spans, texts, structure).candidates())


class _Cut:
    """One passage in its units, each described by what stands around it."""

    def __init__(
        self,
        passage: Passage,
        units: Sequence[ListingUnit],
        spans: Sequence[tuple[int, int]],
        texts: Sequence[str],
        structure: Sequence[Role],
    ) -> None:
        self._passage = passage
        self._units = units
        self._spans = spans
        self._texts = texts
        self._roles = structure
        self._terms = [_terms(text, unit) for text, unit in zip(texts, units, strict=True)]
        self._headers = headers(texts, [role is Role.HEADER for role in structure])
        chunk = passage.chunk
        stem = PurePath(chunk.filename).stem
        self._above = "\n".join(dict.fromkeys((chunk.title, stem, *chunk.headings)))
        self._context_header = header_in_context(chunk.context)

    def candidates(self) -> Iterator[Candidate]:
        """Yield every unit, those that answer nothing included, in order."""
        heading = self._passage.chunk.headings[-1] if self._passage.chunk.headings else ""
        for place, role in enumerate(self._roles):
            yield self._candidate(place, role, heading)
            heading = self._texts[place] if role.is_heading else heading

    def _candidate(self, place: int, role: Role, heading: str) -> Candidate:
        row = self._row(place, role)
        table_head = (self._caption(place), *row.header) if row else ()
        above = "\n".join((self._above, heading, *table_head))
        own = self._terms[place]
        over = frozenset(analyse(above)).union(own)
        follows = over.union(*self._terms[max(0, place - 1) : place])
        context = follows.union(*self._terms[place + 1 : place + 2])
        around = (*self._texts[max(0, place - 1) : place], *self._texts[place + 1 : place + 2])
        before = self._before(place)
        return Candidate(
            _quote(self._passage, self._spans[place]),
            self._texts[place],
            own,
            context,
            follows,
            None if before is None else _quote(self._passage, before),
            _fewest_terms(self._texts[place], role),
            role,
            above,
            heading,
            "" if row else "\n".join(around),
            row,
        )

    def _row(self, place: int, role: Role) -> TableRow | None:
        if role not in (Role.ROW, Role.HEADER):
            return None
        above = self._headers[place]
        header = self._context_header if above is None else header_of(self._texts, above)
        return TableRow(cells_of(self._texts[place]), header)

    def _caption(self, place: int) -> str:
        """Return the caption of the table that a row stands in."""
        above = self._headers[place]
        if above is None:
            return caption_in_context(self._passage.chunk.context)
        start = self._spans[above[0]][0]
        return self._passage.text[caption_start(self._passage.text, start) : start].strip()

    def _before(self, place: int) -> tuple[int, int] | None:
        """Return the span without which this unit is not understood."""
        if self._roles[place] in (Role.ROW, Role.HEADER):
            return self._table_head(place)
        inside = self._units[place].inside if self._units[place].line else None
        before = inside if self._units[place].line else leans_on(self._texts, place)
        return None if before is None else self._spans[before]

    def _table_head(self, place: int) -> tuple[int, int] | None:
        """Return the span of a row's header, with the caption directly above it."""
        above = self._headers[place]
        if above is None:
            return None
        start = caption_start(self._passage.text, self._spans[above[0]][0])
        return start, self._spans[above[1]][1]


def _fewest_terms(text: str, role: Role) -> int:
    """Return how many terms a unit has at least; "The skipper decides." may be short."""
    is_short_sentence = text.endswith(_ENDS) and not _STATES_LITTLE.search(text)
    return 2 if role in (Role.LINE, Role.ROW) or is_short_sentence else _FEWEST_TERMS


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
    question_terms = list(rarity)
    bm25 = np.asarray(BM25Okapi([c.terms or ("",) for c in pool]).get_scores(question_terms))
    total = fsum(rarity.values()) or 1.0
    kind = answer_kind(question)
    rest = [
        (
            fsum(rarity[term] for term in question_terms if term in c.follows) / total,
            c.quote.passage.score,
            kind.found_in(c.text, question_terms),
            log1p(len(c.terms)),
        )
        for c in pool
    ]
    best = float(bm25.max())
    relative = np.maximum(bm25 / best, -1.0) if best > 0 else np.zeros(len(pool))
    return np.column_stack([relative, np.asarray(rest)])


def rarity_of_terms(question: str, pool: Sequence[Candidate]) -> dict[str, float]:
    """Return each content term's inverse document frequency over the candidates alone."""
    question_terms = dict.fromkeys(content_terms(question))
    counts = {term: sum(term in c.terms for c in pool) for term in question_terms}
    total = len(pool)
    return {term: log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in counts.items()}
