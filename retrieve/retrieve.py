"""A question's way to evidence: rewrite, embed, search, fuse, rerank, expand."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from index.embedding.embedder import Embedder
from index.errors import StaleViewError
from index.kernels.dot_products import dot_rows
from index.library import Library
from index.reader import Reader
from index.tracing import TraceSpan, traced
from index.types import Scope
from retrieve.config import RetrievalConfig
from retrieve.errors import InvalidQuestionError
from retrieve.expansion import ChunkRun, expand
from retrieve.fusion import Scores
from retrieve.near_duplicates import without_copies
from retrieve.query import rewrite
from retrieve.question import SearchQuestion
from retrieve.ranking import authoritative_first, in_order, iterate_best
from retrieve.reranking import Reranker, rerank
from retrieve.retrievers import HYBRID, Retriever
from retrieve.types import Passage, Retrieved


@dataclass(frozen=True, slots=True)
class RetrievalDependencies:
    """The collaborators of retrieval: the library, the models and the settings."""

    library: Library
    embedder: Embedder
    config: RetrievalConfig = field(default_factory=RetrievalConfig)
    reranker: Reranker | None = None
    retriever: Retriever = HYBRID


def retrieve(
    question: str,
    scope: Scope,
    dependencies: RetrievalDependencies,
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
    text = rewrite(question, longest=dependencies.config.question_characters)
    with traced(
        "retrieval", {"gen_ai.operation.name": "retrieval", "gen_ai.request.top_k": top_k}
    ) as step:
        step.note_content("gen_ai.retrieval.query.text", lambda: text)
        search_question = SearchQuestion(text, dependencies.embedder)
        for _ in range(dependencies.config.attempts):
            with suppress(StaleViewError), dependencies.library.read(scope, filters) as reader:
                passages = tuple(_evidence(search_question, reader, dependencies, top_k))
                _note_passages(step, passages)
                return Retrieved(passages, reader.snapshot, search_question.timings)
        raise StaleViewError("The store moves faster than this search; try again.")


def _note_passages(step: TraceSpan, passages: Sequence[Passage]) -> None:
    """Say how many passages there are; with content, which documents they are from."""
    step.note({"footnote.passages": len(passages)})
    step.note_content(
        "gen_ai.retrieval.documents",
        lambda: json.dumps(
            [{"id": p.chunk.document_id, "score": round(p.score, 4)} for p in passages]
        ),
    )


def _evidence(
    search_question: SearchQuestion, reader: Reader, dependencies: RetrievalDependencies, top_k: int
) -> list[Passage]:
    config = dependencies.config
    with search_question.timed("search"):
        scores = dependencies.retriever.score(search_question, reader, config)
    chunks = iterate_best(reader, scores, 2 * top_k)
    distinct_chunks = without_copies(chunks, threshold=config.near_duplicate)
    with search_question.timed("rerank"):
        if dependencies.reranker is not None:
            pool = list(islice(distinct_chunks, max(config.rerank, 2 * top_k)))
            scores = rerank(search_question.text, pool, dependencies.reranker)
            distinct_chunks = iter(in_order(pool, scores))
    with search_question.timed("expand"):
        spans = expand(reader, distinct_chunks, limit=top_k, reach=config.reach, span=config.span)
        passages = _passages(search_question, reader, spans, scores)
        return authoritative_first(passages, config.authority)


def _passages(
    search_question: SearchQuestion, reader: Reader, spans: Sequence[ChunkRun], scores: Scores
) -> list[Passage]:
    if not spans:
        return []
    reader.load_texts(span.chunk.document_key for span in spans if len(span.run) > 1)
    similarities = dot_rows(
        reader.vectors([span.chunk.key for span in spans]), search_question.vector
    )
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
