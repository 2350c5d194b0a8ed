"""A question in every form that a search needs."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from index.embedding.embedder import Embedder, Matrix
from retrieve.query import search_terms
from retrieve.tokenizer_coverage import familiarity


class SearchQuestion:
    """A question's text, vector and terms, and the seconds that each stage spends on it."""

    def __init__(self, text: str, embedder: Embedder) -> None:
        self.timings: dict[str, float] = {}
        self.text = text
        with self.timed("embed"):
            self.vector: Matrix = embedder.embed([text])[0]
            self.familiarity = familiarity(text, embedder)
            self.terms: Sequence[str] = search_terms(text)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the seconds that the block takes to a stage."""
        start = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start
