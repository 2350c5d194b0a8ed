"""A question's way to evidence: rewrite, embed, search, fuse, rerank, expand."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from index.embedding.embedder import Embedder, Matrix
from index.errors import StaleViewError
from index.kernels.dot_products import dot_rows
from index.library import Library
from index.reader import Reader
from index.types import Hit, Scope
from retrieve.config import RetrievalConfig
from retrieve.errors import InvalidQuestionError
from retrieve.expansion import ChunkRun, expand
from retrieve.fusion import Scores, fuse, peak
from retrieve.near_duplicates import without_copies
from retrieve.query import rewrite, search_terms
from retrieve.ranking import best, in_order, ranked
from retrieve.relevance_feedback import move_question
from retrieve.reranking import Reranker, rerank
from retrieve.tokenizer_coverage import familiarity
from retrieve.types import Passage, Retrieved


@dataclass(frozen=True, slots=True)
class RetrievalDependencies:
    """What retrieval works with."""

    library: Library
    embedder: Embedder
    config: RetrievalConfig = field(default_factory=RetrievalConfig)
    reranker: Reranker | None = None


def retrieve(
    question: str,
    scope: Scope,
    parts: RetrievalDependencies,
    *,
    top_k: int,
    filters: Mapping[str, Any] | None = None,
) -> Retrieved:
    """Return up to ``top_k`` passages that the scope may read, best first.

    Everything is read at one moment, and read again where the store has moved on meanwhile.

    Raises:
        InvalidQuestionError: the question is empty or too long, or ``top_k`` is below 1.
        InvalidFilterError: the filter does not parse.
        InvalidRerankerError: the reranker returned something unusable.
        StaleViewError: the store kept moving on, ``config.attempts`` times.

    """
    if top_k < 1:
        raise InvalidQuestionError("Ask for at least one passage.")
    asked = _Question(rewrite(question, longest=parts.config.question_characters), parts.embedder)
    for _ in range(parts.config.attempts):
        with suppress(StaleViewError), parts.library.read(scope, filters) as reader:
            passages = tuple(_evidence(asked, reader, parts, top_k))
            return Retrieved(passages, reader.snapshot, asked.timings)
    raise StaleViewError("The store moves faster than this search; try again.")


class _Question:
    """What is searched for, in every form that a search needs, and the time spent on it."""

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


def _evidence(
    asked: _Question, reader: Reader, parts: RetrievalDependencies, top_k: int
) -> list[Passage]:
    config = parts.config
    with asked.timed("search"):
        scores = _search(asked, reader, config)
    chunks = ranked(reader, scores, top_k + top_k // 2)
    found = without_copies(chunks, threshold=config.near_duplicate)
    with asked.timed("rerank"):
        if parts.reranker is not None:
            pool = list(islice(found, max(config.rerank, 2 * top_k)))
            scores = rerank(asked.text, pool, parts.reranker)
            found = iter(in_order(pool, scores))
    with asked.timed("expand"):
        spans = expand(reader, found, limit=top_k, reach=config.reach, span=config.span)
        return _passages(asked, reader, spans, scores)


def _search(asked: _Question, reader: Reader, config: RetrievalConfig) -> Scores:
    """Search both legs and fuse; then move the question towards what was found, and once more."""
    lexical = reader.lexical(asked.terms, config.candidates, rarity=config.rarity)
    weight = config.dense_weight_of(asked.familiarity, peak(lexical))
    scores = _fused(reader, asked.vector, lexical, weight, config.candidates)
    leaders = best(reader, scores, config.feedback_passages)
    if not leaders:
        return scores
    vectors = reader.vectors([leader.key for leader in leaders])
    moved = move_question(asked.vector, vectors, weight=config.feedback_weight)
    return _fused(reader, moved, lexical, weight, config.candidates)


def _fused(
    reader: Reader, vector: Matrix, lexical: Sequence[Hit], weight: float, candidates: int
) -> Scores:
    dense = reader.dense(vector, candidates)
    return fuse(dense, lexical, dense_weight=weight, candidates=candidates)


def _passages(
    asked: _Question, reader: Reader, spans: Sequence[ChunkRun], scores: Scores
) -> list[Passage]:
    if not spans:
        return []
    similarities = dot_rows(reader.vectors([span.chunk.key for span in spans]), asked.vector)
    return [
        Passage(
            chunk=span.chunk,
            text=_text(reader, span),
            start=span.start,
            end=span.end,
            score=scores[span.chunk.key],
            similarity=float(similarity),
            page=span.run[0].page,
        )
        for span, similarity in zip(spans, similarities, strict=True)
    ]


def _text(reader: Reader, span: ChunkRun) -> str:
    if len(span.run) == 1:
        return span.chunk.text
    return reader.document_text(span.chunk.document_key, span.start, span.end)
