"""Score passages: how far retrieval brings the documents and sentences an answer needs.

Context precision and recall as RAGAS names them (Es et al. 2023), with people's judgements of
documents and sentences in the place of a model's.
"""

from collections.abc import Iterable, Sequence

from evaluate.metrics.citations import covers
from evaluate.metrics.score import Score
from evaluate.metrics.text import contains, normalise

_NO_GOLD = Score.unjudged("no gold document is named")
_NOTHING = Score.unjudged("no passage is recorded")


def context_precision(documents: Sequence[str], gold: Iterable[str]) -> Score:
    """Mean, over the passages of gold documents, of the precision at their rank; else 0."""
    gold_documents = set(gold)
    if not gold_documents or not documents:
        return _NO_GOLD if not gold_documents else _NOTHING
    hits, total = 0, 0.0
    for rank, document in enumerate(documents, start=1):
        if document in gold_documents:
            hits += 1
            total += hits / rank
    reason = f"{hits} of {len(documents)} passages are of gold documents"
    return Score(total / hits if hits else 0.0, reason)


def context_recall(documents: Iterable[str], gold: Iterable[str]) -> Score:
    """Share of the gold documents of which a passage was retrieved."""
    gold_documents, retrieved_documents = set(gold), set(documents)
    if not gold_documents or not retrieved_documents:
        return _NO_GOLD if not gold_documents else _NOTHING
    hits = len(gold_documents & retrieved_documents)
    return Score(
        hits / len(gold_documents), f"{hits} of {len(gold_documents)} gold documents were retrieved"
    )


def answer_in_context(passages: Sequence[str], references: Sequence[str]) -> Score:
    """1 if a passage holds a reference answer's words, else 0."""
    answers = [reference for reference in references if normalise(reference)]
    if not answers or not passages:
        return Score.unjudged("no reference answer" if not answers else "no passage is recorded")
    for rank, passage in enumerate(passages, start=1):
        if any(contains(passage, reference) for reference in answers):
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
