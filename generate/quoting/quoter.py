"""The quoting answerer: the fewest verbatim sentences of the evidence that answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

from generate.config import QuoteConfig
from generate.quoting.answerability import confidence as estimate
from generate.quoting.answerability import describe
from generate.quoting.candidates import Candidate, Ranked, candidates, rank
from generate.quoting.disagreement import Disagreement, Statement, find_disagreement
from generate.quoting.focus import Focus, focus
from generate.quoting.named_things import NamedThing
from generate.quoting.pattern_reader import PatternReader
from generate.quoting.span_reader import Reading, SpanReader
from generate.quoting.statement_terms import spell_out
from generate.quoting.unmet_words import unmet_words
from generate.types import Claim, Quote, Span
from index.embedding.embedder import Embedder
from retrieve.types import Passage


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences that answer best, as claims in document order, and how sure that is."""

    claims: tuple[Claim, ...]
    confidence: float
    """The estimate that the evidence answers the question, in [0, 1]."""
    missing: tuple[str, ...] = ()
    """Things that the question names and the claims do not mention."""
    is_answer: bool = True
    """False where nothing at all tells of such a thing: the claims are about another one."""
    disagreements: tuple[Disagreement, ...] = ()
    """Where documents give different values for what was asked."""

    @classmethod
    def of_parts(
        cls, part_selections: Sequence[tuple[str, "Selection"]], least: float
    ) -> "Selection":
        """Join the selections of a question's parts; a part without an answer is missing.

        ``least`` is the estimate that a part needs to be answered.
        """
        answered = [
            s for _, s in part_selections if s.is_answer and s.claims and s.confidence >= least
        ]
        if not answered:
            return max((s for _, s in part_selections), key=lambda selection: selection.confidence)
        unanswered = [part for part, s in part_selections if s not in answered]
        claims = {claim.text: claim for selection in answered for claim in selection.claims}
        lacking = [word for selection in answered for word in selection.missing]
        confidence = min(selection.confidence for selection in answered)
        disagreements = tuple(one for selection in answered for one in selection.disagreements)
        return cls(
            tuple(claims.values()), confidence, (*lacking, *unanswered), disagreements=disagreements
        )


class Quoter:
    """Picks sentences by words, meaning and the passage they stand in; writes none itself.

    A reader, where one is configured, has a say in the order and in the estimate.
    """

    def __init__(
        self, embedder: Embedder, config: QuoteConfig, reader: SpanReader | None = None
    ) -> None:
        self._embedder = embedder
        self._config = config
        self._reader = reader or PatternReader()

    def select(self, question: str, passages: Sequence[Passage]) -> Selection:
        """Return at most ``config.sentences`` sentences; none where there is no evidence."""
        question = spell_out(question)
        question_focus = focus(question, candidates(passages))
        ranking = rank(question, question_focus.pool, self._embedder, self._config.candidates)
        if not ranking:
            return Selection((), 0.0)
        sentences_read = [_refocus(item, question_focus) for item in self._read(question, ranking)]
        order = sorted(sentences_read, key=lambda item: -item.score)
        disagreement = _disagreement(question, order, question_focus)
        order = _with_authority_first(order, disagreement)
        sentences = self._fewest(order, passages, question_focus)
        lacking = _lacking(sentences, question_focus)
        confidence = self._estimate(question, order, passages, question_focus)
        things = () if lacking else question_focus.things
        unmet = unmet_words(question, order[0].ranking_entry, things)
        words = (*(thing.words for thing in lacking), *unmet)
        is_answer = not unmet and not any(question_focus.is_absent(thing) for thing in lacking)
        claims = _claims(sentences, question_focus)
        disagreements = (disagreement,) if disagreement else ()
        return Selection(claims, confidence, words, is_answer, disagreements)

    def _estimate(
        self,
        question: str,
        order: Sequence["ReadSentence"],
        passages: Sequence[Passage],
        question_focus: Focus,
    ) -> float:
        """Return the estimate that the best sentence answers."""
        candidate = order[0].ranking_entry.candidate
        shift = _shift(candidate, question_focus)
        weights = self._reader.calibration
        best = max((item.reading.score for item in order if item.reading), default=0.0)
        features = describe(
            question,
            [item.ranking_entry for item in order],
            passages,
            question_focus.lacking(candidate),
        )
        return estimate(features, shift + weights.answerability * best + weights.bias)

    def estimate_answerability(self, question: str, quotes: Sequence[Quote]) -> float:
        """Return the estimate that quotes answer the question by themselves, in [0, 1]."""
        quoted_passages = [quote.passage.between(quote.start, quote.end) for quote in quotes]
        return self.select(question, quoted_passages).confidence

    def _read(self, question: str, ranking: Sequence[Ranked]) -> list["ReadSentence"]:
        """Read the passages of the best sentences, each once, for the words that answer."""
        readings: dict[int, Reading | None] = {}
        for place, items in _by_passage(ranking)[: self._config.passages_read]:
            passage = ranking[place].candidate.quote.passage
            spans = [_inside(ranking[i].candidate.quote) for i in items]
            readings.update(
                zip(items, self._reader.read(question, passage.text, spans), strict=True)
            )
        rank_weight = self._reader.calibration.rank
        unread = min((r.score for r in readings.values() if r), default=0.0)
        return [
            ReadSentence(
                item, reading, item.score + rank_weight * (reading.score if reading else unread)
            )
            for item, reading in ((item, readings.get(i)) for i, item in enumerate(ranking))
        ]

    def _fewest(
        self, order: Sequence["ReadSentence"], passages: Sequence[Passage], question_focus: Focus
    ) -> list["ReadSentence"]:
        """Keep the best sentence and those close behind it, in reading order.

        Those of authoritative documents come first.

        No further sentence is kept that lacks a thing which the best one has, or that stands
        beside the very cell that was asked for.
        """
        best = order[0]
        least = best.score - self._config.close_behind
        lacking = set(question_focus.lacking(best.ranking_entry.candidate))
        is_cell = question_focus.cell(best.ranking_entry.candidate).column is not None
        close_sentences = [
            item
            for item in order[: self._config.sentences]
            if item.score >= least
            and lacking.issuperset(question_focus.lacking(item.ranking_entry.candidate))
            and (
                not is_cell or question_focus.cell(item.ranking_entry.candidate).column is not None
            )
        ]
        places = {p.chunk.document_key: i for i, p in reversed(list(enumerate(passages)))}

        def place(item: ReadSentence) -> tuple[bool, int, int]:
            quote = item.ranking_entry.candidate.quote
            chunk = quote.passage.chunk
            return not chunk.is_authoritative, places[chunk.document_key], quote.start

        return sorted(close_sentences, key=place)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A ranked sentence, the words in it that answer, and its score with the reader's say."""

    ranking_entry: Ranked
    reading: Reading | None
    score: float


_CELL_SHIFT = 3.0
"""Added to the estimate, in log odds, where the question names a cell's row and column."""
_ROW_SHIFT = 2.0
"""The same of a row that is found by its key, where no names of columns are known."""
_LACKING = 4.0
_LACKING_NAME = 1.5
"""Subtracted from a sentence's score, in log odds, for each named thing that it lacks."""
_AS_GOOD = 1.0
"""So little, in log odds, parts two sentences that answer together."""
_AUTHORITY = 1.5
"""Added to a sentence's score, in log odds, where a curator has marked its document."""
_KEY = 2.0
_COLUMN = 2.0
"""Added to a row's score where the question has its name, and where it has its column's name."""


def _shift(candidate: Candidate, question_focus: Focus) -> float:
    """Return what finding a cell, or a row of a table without a header, adds to the estimate."""
    cell = question_focus.cell(candidate)
    if cell.column is not None:
        return _CELL_SHIFT
    return _ROW_SHIFT if candidate.row and cell.key > 0 and not candidate.row.header else 0.0


def _refocus(item: ReadSentence, question_focus: Focus) -> ReadSentence:
    """Change a score by how the sentence meets what the question names."""
    candidate = item.ranking_entry.candidate
    cell = question_focus.cell(candidate)
    lacking = question_focus.lacking(candidate)
    change = -fsum(_LACKING if thing.is_strict else _LACKING_NAME for thing in lacking)
    change += _AUTHORITY * candidate.quote.passage.chunk.is_authoritative
    change += _KEY * (cell.key > 0) + _COLUMN * (cell.column is not None)
    return replace(item, score=item.score + change)


def _disagreement(
    question: str, order: Sequence[ReadSentence], question_focus: Focus
) -> Disagreement | None:
    """Look for values that other documents give, in sentences that lack no more than the best."""
    lacking = set(question_focus.lacking(order[0].ranking_entry.candidate))
    statements = [
        Statement(_claims([item], question_focus)[0], item.ranking_entry.candidate, item.score)
        for item in order
        if lacking.issuperset(question_focus.lacking(item.ranking_entry.candidate))
    ]
    return find_disagreement(question, statements)


def _with_authority_first(
    order: Sequence[ReadSentence], disagreement: Disagreement | None
) -> list[ReadSentence]:
    """Put the sentence of an authoritative document first where others disagree with it."""
    if disagreement is None or not disagreement.sides[0].statement.is_authoritative:
        return list(order)
    first = disagreement.sides[0].statement.candidate
    return sorted(order, key=lambda item: item.ranking_entry.candidate is not first)


def _lacking(sentences: Sequence[ReadSentence], question_focus: Focus) -> tuple[NamedThing, ...]:
    """Return the things that neither the best sentence nor one as good is about."""
    least = max(item.score for item in sentences) - _AS_GOOD
    lacking = [
        question_focus.lacking(item.ranking_entry.candidate)
        for item in sentences
        if item.score >= least
    ]
    return tuple(thing for thing in question_focus.things if all(thing in each for each in lacking))


def _by_passage(ranking: Sequence[Ranked]) -> list[tuple[int, list[int]]]:
    """Group the places of sentences by passage, in the order of each passage's best."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, item in enumerate(ranking):
        passage = item.candidate.quote.passage
        groups.setdefault((passage.chunk.key, passage.start), []).append(i)
    return [(items[0], items) for items in groups.values()]


def _inside(quote: Quote) -> tuple[int, int]:
    return quote.start - quote.passage.start, quote.end - quote.passage.start


def _claims(sentences: Sequence[ReadSentence], question_focus: Focus) -> tuple[Claim, ...]:
    """Turn sentences into claims; what one leans on is not shown where it is quoted itself."""
    quote_spans = {
        (q.start, q.end) for q in (item.ranking_entry.candidate.quote for item in sentences)
    }
    claims = []
    for item in sentences:
        candidate = item.ranking_entry.candidate
        before = candidate.leans_on
        context = before if before and (before.start, before.end) not in quote_spans else None
        column = question_focus.cell(candidate).column
        if candidate.row and column is not None:
            highlights: tuple[Span, ...] = (candidate.row.place(column),)
        else:
            highlights = _highlights(item)
        is_far_row = candidate.row is not None and before is None
        claims.append(Claim(candidate.text, (candidate.quote,), highlights, context, is_far_row))
    return tuple(claims)


def _highlights(item: ReadSentence) -> tuple[Span, ...]:
    """Return the reading's place in the sentence whose white space is single spaces."""
    if item.reading is None:
        return ()
    raw, offset = (
        item.ranking_entry.candidate.quote.text,
        _inside(item.ranking_entry.candidate.quote)[0],
    )
    start, end = (
        len(" ".join(f"{raw[: place - offset]}x".split())) - 1
        for place in (item.reading.start, item.reading.end - 1)
    )
    return (Span(start, end + 1),)
