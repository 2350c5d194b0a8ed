"""Metrics of a ranking against graded judgements, as trec_eval defines them.

A ranking is document ids, best first, without repeats. Judgements map document ids to grades;
above 0 is relevant, what is not judged is not relevant. Sources: Manning, Raghavan and Schuetze,
Introduction to Information Retrieval (2008), chapter 8; trec_eval's ``ndcg_cut`` for nDCG, with
linear gain, as BEIR reports it.
"""

import math
from collections.abc import Mapping, Sequence

from evaluate.metrics.score import Score

Judgements = Mapping[str, int]

_NOTHING_RELEVANT = Score.unjudged("no document is judged relevant")


def ndcg(ranking: Sequence[str], judgements: Judgements, k: int) -> Score:
    """Discounted gain of the first k over the best possible one (Jarvelin and Kekalainen 2002)."""
    ideal = _discount(sorted(judgements.values(), reverse=True)[:k])
    if ideal == 0:
        return _NOTHING_RELEVANT
    gained = _discount([judgements.get(document, 0) for document in ranking[:k]])
    return Score(gained / ideal, _reason(ranking, judgements, k))


def recall(ranking: Sequence[str], judgements: Judgements, k: int) -> Score:
    """Share of the relevant documents that are among the first k."""
    total = len(_relevant(judgements))
    if not total:
        return _NOTHING_RELEVANT
    return Score(_hits(ranking, judgements, k) / total, _reason(ranking, judgements, k))


def precision(ranking: Sequence[str], judgements: Judgements, k: int) -> Score:
    """Share of the first k that is relevant; places left empty count as not relevant."""
    if not _relevant(judgements):
        return _NOTHING_RELEVANT
    return Score(_hits(ranking, judgements, k) / k, _reason(ranking, judgements, k))


def hit_rate(ranking: Sequence[str], judgements: Judgements, k: int) -> Score:
    """1 if any of the first k is relevant, else 0."""
    if not _relevant(judgements):
        return _NOTHING_RELEVANT
    return Score(float(_hits(ranking, judgements, k) > 0), _reason(ranking, judgements, k))


def reciprocal_rank(ranking: Sequence[str], judgements: Judgements, k: int) -> Score:
    """1 over the rank of the first relevant document, 0 if none is among the first k."""
    relevant = _relevant(judgements)
    if not relevant:
        return _NOTHING_RELEVANT
    for rank, document in enumerate(ranking[:k], start=1):
        if document in relevant:
            return Score(1 / rank, f"the first relevant document has rank {rank}")
    return Score(0.0, f"no relevant document among the first {k}")


def average_precision(ranking: Sequence[str], judgements: Judgements, k: int) -> Score:
    """Mean over the relevant documents of the precision at their rank; 0 for those not found."""
    relevant = _relevant(judgements)
    if not relevant:
        return _NOTHING_RELEVANT
    hits, total = 0, 0.0
    for rank, document in enumerate(ranking[:k], start=1):
        if document in relevant:
            hits += 1
            total += hits / rank
    return Score(total / len(relevant), _reason(ranking, judgements, k))


def _discount(grades: Sequence[int]) -> float:
    return sum(max(grade, 0) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def _relevant(judgements: Judgements) -> set[str]:
    return {document for document, grade in judgements.items() if grade > 0}


def _hits(ranking: Sequence[str], judgements: Judgements, k: int) -> int:
    return sum(judgements.get(document, 0) > 0 for document in ranking[:k])


def _reason(ranking: Sequence[str], judgements: Judgements, k: int) -> str:
    relevant = len(_relevant(judgements))
    return f"{_hits(ranking, judgements, k)} of {relevant} relevant among the first {k}"
