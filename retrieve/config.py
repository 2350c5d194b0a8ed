"""The settings of retrieval: one configuration for every corpus.

The values were chosen on the training queries of SciFact and NFCorpus, never on the queries that
quality is reported on. Every neighbouring value does nearly as well.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetrievalConfig:
    """The settings of the retrieval stage."""

    candidates: int = 300
    """Chunks that each leg of the search returns: the depth to which a ranking is certain."""
    dense_weight: float = 0.77
    """Weight of the cosine in the fused score where no chunk stands out by its words, in [0, 1]."""
    standing_out: float = 0.3
    """Weight that moves from the cosine to BM25 where one chunk alone has the question's words."""
    unread_weight: float = 0.05
    """Weight of the cosine where the embedding model spells the question out letter by letter."""
    rarity: float = 1.4
    """Power of a term's idf in the lexical leg: 1 is BM25, a higher power favours rare terms."""
    feedback_passages: int = 3
    """Best chunks that the question moves towards before the second search; 0 turns it off."""
    feedback_weight: float = 0.5
    """How far the question moves: the weight of the chunks' mean against the question's 1."""
    authority: float = 0.03
    """A curator's mark counts for so much beside the scores of passages, in [0, 1]."""
    near_duplicate: float = 0.9
    """Jaccard similarity from which a lower ranked chunk is a copy; above 1 keeps them all."""
    rerank: int = 30
    """Chunks that a reranker scores, where one is configured; at least as many as are asked for."""
    reach: int = 1
    """Neighbours on each side that may widen a chunk; 0 turns it off."""
    span: int = 800
    """Characters up to which a chunk is widened, so that only short ones are."""
    question_characters: int = 8_000
    """Longer questions are refused."""
    attempts: int = 4
    """Reads to try while the store keeps changing, before the question is given up."""

    def dense_weight_of(self, familiarity: float, peak: float) -> float:
        """Return the dense leg's weight in [0, 1].

        ``familiarity`` is how far the model reads the question, ``peak`` how far the best chunk of
        the lexical leg stands out; both in [0, 1].
        """
        highest = max(0.0, self.dense_weight - self.standing_out * peak)
        lowest = min(self.unread_weight, highest)
        return lowest + familiarity * (highest - lowest)
