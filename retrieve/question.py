"""A question in every form that a search needs."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from index.embedding.embedder import Embedder, Matrix
from index.embedding.traced_embeddings import traced_embeddings
from index.tracing import traced
from retrieve.query import search_terms
from retrieve.tokenizer_coverage import familiarity


class SearchQuestion:
    """A question's text, vector and terms, and the seconds that each stage spends on it."""

    def __init__(self, text: str, embedder: Embedder) -> None:
        self.timings: dict[str, float] = {}
        self.text = text
        with self.timed("embed", is_traced=False):
            with traced_embeddings(embedder, 1):
                self.vector: Matrix = embedder.embed([text])[0]
            self.familiarity = familiarity(text, embedder)
            self.terms: Sequence[str] = search_terms(text)

    @contextmanager
    def timed(self, stage: str, *, is_traced: bool = True) -> Iterator[None]:
        """Add the seconds that the block takes to a stage, which is a step of a trace, too."""
        start = time.perf_counter()
        with traced(stage) if is_traced else nullcontext():
            yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start
