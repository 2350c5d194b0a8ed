"""The quoting answerer: the fewest verbatim sentences of the evidence that answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from generate.config import QuoteConfig
from generate.quoting.answerability import confidence, describe
from generate.quoting.candidates import Ranked, candidates, rank
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
        pool = candidates(passages)
        ranked = rank(question, pool, self._embedder, self._config.candidates)
        if not ranked:
            return Selection((), 0.0)
        read = self._read(question, ranked)
        weights = self._reader.calibration
        order = sorted(read, key=lambda item: -item.score)
        best = max((item.reading.score for item in read if item.reading), default=0.0)
        shift = weights.sure * best + weights.bias
        sure = confidence(describe(question, ranked, passages), shift)
        return Selection(_claims(self._fewest(order, passages)), sure)

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
        self, order: Sequence["ReadSentence"], passages: Sequence[Passage]
    ) -> list["ReadSentence"]:
        """Keep the best sentence and those close behind it, in reading order."""
        least = order[0].score - self._config.close_behind
        kept = [item for item in order[: self._config.sentences] if item.score >= least]
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


def _by_passage(ranked: Sequence[Ranked]) -> list[tuple[int, list[int]]]:
    """Group the places of sentences by passage, in the order of each passage's best."""
    groups: dict[tuple[int, int], list[int]] = {}
    for i, item in enumerate(ranked):
        passage = item.candidate.quote.passage
        groups.setdefault((passage.chunk.key, passage.start), []).append(i)
    return [(items[0], items) for items in groups.values()]


def _inside(quote: Quote) -> tuple[int, int]:
    return quote.start - quote.passage.start, quote.end - quote.passage.start


def _claims(kept: Sequence[ReadSentence]) -> tuple[Claim, ...]:
    """Turn sentences into claims; what one leans on is not shown where it is quoted itself."""
    quoted = {(q.start, q.end) for q in (item.ranked.candidate.quote for item in kept)}
    claims = []
    for item in kept:
        candidate = item.ranked.candidate
        before = candidate.leans_on
        shown = before if before and (before.start, before.end) not in quoted else None
        claims.append(Claim(candidate.text, (candidate.quote,), _highlights(item), shown))
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
