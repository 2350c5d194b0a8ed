"""Fuse two rankings into one.

A leg's scores are divided by its best score, so that 1 is the best chunk of the leg and 0 is
nothing in common. Nothing depends on how deep the lists are, unlike min-max normalisation over
the candidates. Source: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid
Retrieval (2023): convex combination with theoretical minima, and reciprocal ranks to compare.
"""

from collections.abc import Mapping, Sequence

from index.types import Hit

Scores = Mapping[int, float]
"""A score for each chunk's key, in no order."""

RANK_CONSTANT = 60

CROWD = 10
"""Rank of the hit that the best one is compared with."""


def fuse(
    dense: Sequence[Hit], lexical: Sequence[Hit], *, dense_weight: float, candidates: int
) -> Scores:
    """Return the convex combination of both legs' scores for every chunk of either, in [0, 1].

    Both lists are best first and were cut at ``candidates``. A chunk that one leg did not
    return counts there as the last one that it did return, the least upper bound of its true score;
    a list that is shorter than the cut is complete, and what it lacks has nothing in common.
    """
    near, near_floor = _normalise(dense, candidates)
    alike, alike_floor = _normalise(lexical, candidates)
    return {
        key: dense_weight * near.get(key, near_floor)
        + (1 - dense_weight) * alike.get(key, alike_floor)
        for key in near | alike
    }


def peak(hits: Sequence[Hit]) -> float:
    """Return how far the best hit of a leg stands out over the tenth, as a share in [0, 1].

    0 where ten hits tie; 1 where there are fewer. A leg whose best hit stands out is more
    informative than one with many equal hits. Source: Shtok et al., Predicting Query Performance
    by Query-Drift Estimation (2012), which takes a ranking's spread of scores for how good it is.
    """
    if len(hits) < CROWD:
        return 1.0
    return 1.0 - hits[CROWD - 1].score / hits[0].score


def fuse_ranks(dense: Sequence[Hit], lexical: Sequence[Hit]) -> Scores:
    """Return reciprocal rank fusion of two lists, best first, scaled to [0, 1].

    It serves as a baseline: it ignores by how much one chunk is better than the next. Chunks that
    tie in a leg share the rank of the first of them.
    """
    fused: dict[int, float] = {}
    for leg in (dense, lexical):
        for key, rank in _ranks(leg).items():
            fused[key] = fused.get(key, 0.0) + (RANK_CONSTANT + 1) / (2 * (RANK_CONSTANT + rank))
    return fused


def _normalise(hits: Sequence[Hit], candidates: int) -> tuple[dict[int, float], float]:
    best = hits[0].score if hits else 0.0
    if best <= 0.0:
        return {hit.chunk: 0.0 for hit in hits}, 0.0
    scores = {hit.chunk: max(0.0, hit.score) / best for hit in hits}
    return scores, scores[hits[-1].chunk] if len(hits) >= candidates else 0.0


def _ranks(hits: Sequence[Hit]) -> dict[int, int]:
    ranks: dict[int, int] = {}
    first = 0
    for at, hit in enumerate(hits):
        if hit.score != hits[first].score:
            first = at
        ranks[hit.chunk] = first + 1
    return ranks
