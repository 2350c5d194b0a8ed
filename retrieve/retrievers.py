"""How chunks get their scores: by vectors, by words, or by both.

The service uses ``hybrid``. The others are its ablations: each leg alone, and the usual way to join
them. All of them see the readable chunks alone, through the reader.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from index.embedding.embedder import Matrix
from index.reader import Reader
from index.types import Hit
from retrieve.config import RetrievalConfig
from retrieve.fusion import Scores, fuse, fuse_ranks, peak
from retrieve.question import SearchQuestion
from retrieve.ranking import best
from retrieve.relevance_feedback import move_question


class Retriever(Protocol):
    """Scores chunks for one question."""

    name: str

    def score(self, question: SearchQuestion, reader: Reader, config: RetrievalConfig) -> Scores:
        """Return a score in [0, 1] for each chunk that is a candidate, by its key.

        Raises:
            StaleViewError: the store does not confirm one of the chunks.

        """


class DenseRetriever:
    """Scores by the cosine of question and chunk alone, as a share of the best one."""

    name = "dense"

    def score(self, question: SearchQuestion, reader: Reader, config: RetrievalConfig) -> Scores:
        """Return the score of each of the nearest chunks."""
        hits = reader.dense(question.vector, config.candidates)
        return fuse(hits, (), dense_weight=1.0, candidates=config.candidates)


class LexicalRetriever:
    """Scores by plain BM25 alone, as a share of the best one."""

    name = "bm25"

    def score(self, question: SearchQuestion, reader: Reader, config: RetrievalConfig) -> Scores:
        """Return the score of each of the best chunks that share a term with the question."""
        hits = reader.lexical(question.terms, config.candidates)
        return fuse((), hits, dense_weight=0.0, candidates=config.candidates)


class RankFusionRetriever:
    """Joins the rankings by vectors and by plain BM25 by reciprocal ranks, with k = 60.

    Source: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion (2009).
    """

    name = "rrf"

    def score(self, question: SearchQuestion, reader: Reader, config: RetrievalConfig) -> Scores:
        """Return the score of each chunk of either ranking."""
        dense = reader.dense(question.vector, config.candidates)
        return fuse_ranks(dense, reader.lexical(question.terms, config.candidates))


class HybridRetriever:
    """Searches by vectors and words and joins the scores, then once more with a moved question.

    The weight of a leg depends on the question; the question moves towards the best chunks.
    """

    name = "hybrid"

    def score(self, question: SearchQuestion, reader: Reader, config: RetrievalConfig) -> Scores:
        """Return the fused score of each chunk of either leg."""
        lexical = reader.lexical(question.terms, config.candidates, rarity=config.rarity)
        weight = config.dense_weight_of(question.familiarity, peak(lexical))
        scores = _fuse_legs(reader, question.vector, lexical, weight, config.candidates)
        leaders = best(reader, scores, config.feedback_passages)
        if not leaders:
            return scores
        vectors = reader.vectors([leader.key for leader in leaders])
        moved_question = move_question(question.vector, vectors, weight=config.feedback_weight)
        return _fuse_legs(reader, moved_question, lexical, weight, config.candidates)


HYBRID = HybridRetriever()

_ALL: tuple[Retriever, ...] = (
    DenseRetriever(),
    LexicalRetriever(),
    RankFusionRetriever(),
    HYBRID,
)

RETRIEVERS: Mapping[str, Retriever] = {retriever.name: retriever for retriever in _ALL}


def _fuse_legs(
    reader: Reader, vector: Matrix, lexical: Sequence[Hit], weight: float, candidates: int
) -> Scores:
    dense = reader.dense(vector, candidates)
    return fuse(dense, lexical, dense_weight=weight, candidates=candidates)
