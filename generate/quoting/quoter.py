"""The quoting answerer: the fewest verbatim sentences of the evidence that answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

from generate.config import QuoteConfig
from generate.quoting.answerability import confidence as estimate
from generate.quoting.answerability import describe
from generate.quoting.candidates import Candidate, Ranked, candidates, rank
from generate.quoting.focus import Focus, focus
from generate.quoting.named_things import NamedThing
from generate.quoting.pattern_reader import PatternReader
from generate.quoting.span_reader import Reading, SpanReader
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
    """What the question names and the claims do not tell of."""
    is_answer: bool = True
    """False where nothing at all tells of such a thing: the claims are about another one."""

    @classmethod
    def of_parts(cls, parts: Sequence[tuple[str, "Selection"]], least: float) -> "Selection":
        """Join the selections of a question's parts; a part without an answer is missing.

        ``least`` is the estimate that a part needs to be answered.
        """
        answered = [s for _, s in parts if s.is_answer and s.claims and s.confidence >= least]
        if not answered:
            return max((s for _, s in parts), key=lambda selection: selection.confidence)
        unanswered = [part for part, s in parts if s not in answered]
        claims = {claim.text: claim for selection in answered for claim in selection.claims}
        lacking = [word for selection in answered for word in selection.missing]
        confidence = min(selection.confidence for selection in answered)
        return cls(tuple(claims.values()), confidence, (*lacking, *unanswered))


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
        asked = focus(question, candidates(passages))
        ranked = rank(question, asked.pool, self._embedder, self._config.candidates)
        if not ranked:
            return Selection((), 0.0)
        read = [_refocus(item, asked) for item in self._read(question, ranked)]
        order = sorted(read, key=lambda item: -item.score)
        sentences = self._fewest(order, passages, asked)
        lacking = _lacking(sentences, asked)
        confidence = self._estimate(question, order, passages, asked)
        words = tuple(thing.words for thing in lacking)
        is_answer = not any(asked.is_absent(thing) for thing in lacking)
        return Selection(_claims(sentences, asked), confidence, words, is_answer)

    def _estimate(
        self,
        question: str,
        order: Sequence["ReadSentence"],
        passages: Sequence[Passage],
        asked: Focus,
    ) -> float:
        """Return the estimate that the best sentence answers."""
        candidate = order[0].ranked.candidate
        shift = _shift(candidate, asked)
        weights = self._reader.calibration
        best = max((item.reading.score for item in order if item.reading), default=0.0)
        features = describe(
            question, [item.ranked for item in order], passages, asked.lacking(candidate)
        )
        return estimate(features, shift + weights.sure * best + weights.bias)

    def sure_of(self, question: str, cited: Sequence[Quote]) -> float:
        """Return the estimate that quotes answer the question by themselves, in [0, 1]."""
        alone = [quote.passage.between(quote.start, quote.end) for quote in cited]
        return self.select(question, alone).confidence

    def _read(self, question: str, ranked: Sequence[Ranked]) -> list["ReadSentence"]:
        """ReadSentence the passages of the best sentences, each once, for the words that answer."""
        readings: dict[int, Reading | None] = {}
        for place, items in _by_passage(ranked)[: self._config.passages_read]:
            passage = ranked[place].candidate.quote.passage
            spans = [_inside(ranked[i].candidate.quote) for i in items]
            readings.update(
                zip(items, self._reader.read(question, passage.text, spans), strict=True)
            )
        rank_weight = self._reader.calibration.rank
        unread = min((r.score for r in readings.values() if r), default=0.0)
        return [
            ReadSentence(
                item, reading, item.score + rank_weight * (reading.score if reading else unread)
            )
            for item, reading in ((item, readings.get(i)) for i, item in enumerate(ranked))
        ]

    def _fewest(
        self, order: Sequence["ReadSentence"], passages: Sequence[Passage], asked: Focus
    ) -> list["ReadSentence"]:
        """Keep the best sentence and those close behind it, in reading order.

        No further sentence is kept that lacks a thing which the best one has, or that stands
        beside the very cell that was asked for.
        """
        best = order[0]
        least = best.score - self._config.close_behind
        lacking = set(asked.lacking(best.ranked.candidate))
        is_cell = asked.cell(best.ranked.candidate).column is not None
        kept = [
            item
            for item in order[: self._config.sentences]
            if item.score >= least
            and lacking.issuperset(asked.lacking(item.ranked.candidate))
            and (not is_cell or asked.cell(item.ranked.candidate).column is not None)
        ]
        places = {p.chunk.document_key: i for i, p in reversed(list(enumerate(passages)))}

        def place(item: ReadSentence) -> tuple[int, int]:
            quote = item.ranked.candidate.quote
            return places[quote.passage.chunk.document_key], quote.start

        return sorted(kept, key=place)


@dataclass(frozen=True, slots=True)
class ReadSentence:
    """A ranked sentence, the words in it that answer, and its score with the reader's say."""

    ranked: Ranked
    reading: Reading | None
    score: float


_CELL_SHIFT = 3.0
"""What it adds to the estimate, in log odds, that a cell is found by its row and its column."""
_ROW_SHIFT = 2.0
"""The same of a row that is found by its key, where no names of columns are known."""
_LACKING = 4.0
_LACKING_NAME = 1.5
"""What a thing that the question names and a sentence lacks takes from it, in log odds."""
_AS_GOOD = 1.0
"""So little, in log odds, parts two sentences that answer together."""
_KEY = 2.0
_COLUMN = 2.0
"""What a row gains whose name, and whose column, the question has."""


def _shift(candidate: Candidate, asked: Focus) -> float:
    """Return what finding a cell, or a row of a table without a header, adds to the estimate."""
    cell = asked.cell(candidate)
    if cell.column is not None:
        return _CELL_SHIFT
    return _ROW_SHIFT if candidate.row and cell.key > 0 and not candidate.row.header else 0.0


def _refocus(item: ReadSentence, asked: Focus) -> ReadSentence:
    """Change a score by how the sentence meets what the question names."""
    candidate = item.ranked.candidate
    cell = asked.cell(candidate)
    lacking = asked.lacking(candidate)
    change = -fsum(_LACKING if thing.is_strict else _LACKING_NAME for thing in lacking)
    change += _KEY * (cell.key > 0) + _COLUMN * (cell.column is not None)
    return replace(item, score=item.score + change)


def _lacking(sentences: Sequence[ReadSentence], asked: Focus) -> tuple[NamedThing, ...]:
    """Return the things that neither the best sentence nor one as good is about."""
    least = max(item.score for item in sentences) - _AS_GOOD
    lacking = [asked.lacking(item.ranked.candidate) for item in sentences if item.score >= least]
    return tuple(thing for thing in asked.things if all(thing in each for each in lacking))


def _by_passage(ranked: Sequence[Ranked]) -> list[tuple[int, list[int]]]:
    """Group the places of sentences by passage, in the order of each passage's best."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, item in enumerate(ranked):
        passage = item.candidate.quote.passage
        groups.setdefault((passage.chunk.key, passage.start), []).append(i)
    return [(items[0], items) for items in groups.values()]


def _inside(quote: Quote) -> tuple[int, int]:
    return quote.start - quote.passage.start, quote.end - quote.passage.start


def _claims(kept: Sequence[ReadSentence], asked: Focus) -> tuple[Claim, ...]:
    """Turn sentences into claims; what one leans on is not shown where it is quoted itself."""
    quoted = {(q.start, q.end) for q in (item.ranked.candidate.quote for item in kept)}
    claims = []
    for item in kept:
        candidate = item.ranked.candidate
        before = candidate.leans_on
        shown = before if before and (before.start, before.end) not in quoted else None
        column = asked.cell(candidate).column
        if candidate.row and column is not None:
            highlights: tuple[Span, ...] = (candidate.row.place(column),)
        else:
            highlights = _highlights(item)
        is_far_row = candidate.row is not None and before is None
        claims.append(Claim(candidate.text, (candidate.quote,), highlights, shown, is_far_row))
    return tuple(claims)


def _highlights(item: ReadSentence) -> tuple[Span, ...]:
    """Return the reading's place in the sentence whose white space is single spaces."""
    if item.reading is None:
        return ()
    raw, offset = item.ranked.candidate.quote.text, _inside(item.ranked.candidate.quote)[0]
    start, end = (
        len(" ".join(f"{raw[: place - offset]}x".split())) - 1
        for place in (item.reading.start, item.reading.end - 1)
    )
    return (Span(start, end + 1),)
