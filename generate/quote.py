"""The quoting answerer: the fewest verbatim sentences of the evidence that answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from generate.candidates import Ranked, candidates, rank
from generate.config import QuoteConfig
from generate.evidence import confidence, describe
from generate.types import Claim
from index.embedder import Embedder
from retrieve.types import Passage


@dataclass(frozen=True, slots=True)
class Selection:
    """The sentences that answer best, as claims in document order, and how sure that is."""

    claims: tuple[Claim, ...]
    confidence: float
    """The estimate that the evidence answers the question, in [0, 1]."""


class Quoter:
    """Picks sentences by words, meaning and the passage they stand in; writes none itself."""

    def __init__(self, embedder: Embedder, config: QuoteConfig) -> None:
        self._embedder = embedder
        self._config = config

    def select(self, question: str, passages: Sequence[Passage]) -> Selection:
        """Return at most ``config.sentences`` sentences; none where there is no evidence."""
        pool = candidates(passages)
        ranked = rank(question, pool, self._embedder, self._config.candidates)
        if not ranked:
            return Selection((), 0.0)
        sure = confidence(describe(question, ranked, passages))
        return Selection(tuple(map(_claim, self._fewest(ranked, passages))), sure)

    def _fewest(self, ranked: Sequence[Ranked], passages: Sequence[Passage]) -> list[Ranked]:
        """Keep the best sentence and those close behind it, in reading order."""
        least = ranked[0].score - self._config.close_behind
        kept = [item for item in ranked[: self._config.sentences] if item.score >= least]
        places = {p.chunk.document_key: i for i, p in reversed(list(enumerate(passages)))}

        def place(item: Ranked) -> tuple[int, int]:
            quote = item.candidate.quote
            return places[quote.passage.chunk.document_key], quote.start

        return sorted(kept, key=place)


def _claim(item: Ranked) -> Claim:
    return Claim(item.candidate.text, (item.candidate.quote,))
