"""Whether what was retrieved for an answer is what it needed, by document and by sentence.

Context precision and recall as RAGAS names them (Es et al. 2023), with people's judgements of
documents and sentences in the place of a model's.
"""

from collections.abc import Iterable, Sequence

from evaluate.metrics.citations import covers
from evaluate.metrics.score import Score
from evaluate.metrics.text import contains, normalise

_NO_GOLD = Score.unjudged("no gold document is named")
_NOTHING = Score.unjudged("no passage is recorded")


def context_precision(retrieved: Sequence[str], gold: Iterable[str]) -> Score:
    """Mean, over the passages of gold documents, of the precision at their rank; else 0."""
    wanted = set(gold)
    if not wanted or not retrieved:
        return _NO_GOLD if not wanted else _NOTHING
    found, total = 0, 0.0
    for rank, document in enumerate(retrieved, start=1):
        if document in wanted:
            found += 1
            total += found / rank
    reason = f"{found} of {len(retrieved)} passages are of gold documents"
    return Score(total / found if found else 0.0, reason)


def context_recall(retrieved: Iterable[str], gold: Iterable[str]) -> Score:
    """Share of the gold documents of which a passage was retrieved."""
    wanted, held = set(gold), set(retrieved)
    if not wanted or not held:
        return _NO_GOLD if not wanted else _NOTHING
    found = len(wanted & held)
    return Score(found / len(wanted), f"{found} of {len(wanted)} gold documents were retrieved")


def answer_in_context(passages: Sequence[str], references: Sequence[str]) -> Score:
    """1 if a passage holds a reference answer's words, else 0."""
    wanted = [reference for reference in references if normalise(reference)]
    if not wanted or not passages:
        return Score.unjudged("no reference answer" if not wanted else "no passage is recorded")
    for rank, passage in enumerate(passages, start=1):
        if any(contains(passage, reference) for reference in wanted):
            return Score(1.0, f"passage {rank} holds a reference answer")
    return Score(0.0, f"none of {len(passages)} passages holds a reference answer")


def evidence_in_context(passages: Sequence[str], evidence: Sequence[Sequence[str]]) -> Score:
    """Share of the evidence sentences that a passage holds, for the best served reference."""
    answers = [[s for s in sentences if normalise(s)] for sentences in evidence]
    answers = [sentences for sentences in answers if sentences]
    if not answers or not passages:
        return Score.unjudged("no evidence is named" if not answers else "no passage is recorded")
    shares = [
        sum(any(covers(passage, s) for passage in passages) for s in sentences) / len(sentences)
        for sentences in answers
    ]
    return Score(max(shares), f"of {len(answers)} reference answers' evidence, the best")
