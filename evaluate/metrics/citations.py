"""Score citations: how far an answer cites the right documents and sentences.

After Gao et al., ALCE (2023), whose citation precision and recall ask a model whether citations
entail a sentence; here they are held against the documents, and where the data set has them the
sentences, that people marked as evidence.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from evaluate.metrics.score import Score
from evaluate.metrics.text import contains, normalise

COVERED = 0.8
"""Share of a sentence's tokens that another text must hold to count as covering it."""


def answer_in_quote(quotes: Sequence[str], references: Sequence[str], n: int) -> Score:
    """1 if one of the first n quotes holds a reference answer's words, else 0."""
    answers = [reference for reference in references if normalise(reference)]
    if not answers:
        return Score.unjudged("there is no reference answer")
    for rank, quote in enumerate(quotes[:n], start=1):
        if any(contains(quote, reference) for reference in answers):
            return Score(1.0, f"quote {rank} holds a reference answer")
    if not quotes:
        return Score(0.0, "nothing was cited")
    return Score(0.0, f"no reference answer in the first {min(n, len(quotes))} quotes")


def citation_precision(documents: Sequence[str], gold: Iterable[str]) -> Score:
    """Share of the citations that point into a gold document."""
    gold_documents = set(gold)
    if not gold_documents:
        return Score.unjudged("no gold document is named")
    if not documents:
        return Score.unjudged("nothing was cited")
    right = sum(document in gold_documents for document in documents)
    return Score(
        right / len(documents), f"{right} of {len(documents)} citations point into gold documents"
    )


def citation_recall(documents: Iterable[str], gold: Iterable[str]) -> Score:
    """Share of the gold documents that are cited; 0 when nothing is cited."""
    gold_documents = set(gold)
    if not gold_documents:
        return Score.unjudged("no gold document is named")
    hits = len(gold_documents & set(documents))
    return Score(
        hits / len(gold_documents), f"{hits} of {len(gold_documents)} gold documents are cited"
    )


def evidence_precision(quotes: Sequence[str], evidence: Sequence[Sequence[str]]) -> Score:
    """Share of the quotes that are, or hold, an evidence sentence of any reference answer."""
    sentences = {sentence for answer in evidence for sentence in answer if normalise(sentence)}
    if not sentences:
        return Score.unjudged("no evidence sentence is named")
    if not quotes:
        return Score.unjudged("nothing was cited")
    right = sum(any(covers(q, s) or covers(s, q) for s in sentences) for q in quotes)
    return Score(right / len(quotes), f"{right} of {len(quotes)} quotes are evidence sentences")


def evidence_recall(quotes: Sequence[str], evidence: Sequence[Sequence[str]]) -> Score:
    """Share of the evidence sentences that are quoted, for the best served reference answer."""
    answers = [[s for s in sentences if normalise(s)] for sentences in evidence]
    answers = [sentences for sentences in answers if sentences]
    if not answers:
        return Score.unjudged("no evidence sentence is named")
    counts = [
        (sum(any(covers(quote, s) for quote in quotes) for s in sentences), len(sentences))
        for sentences in answers
    ]
    hits, total = max(counts, key=lambda count: count[0] / count[1])
    return Score(hits / total, f"{hits} of {total} evidence sentences are quoted")


def covers(text: str, sentence: str) -> bool:
    """Tell whether the text holds nearly all of the sentence's tokens, whatever their order."""
    words, sentence_words = Counter(normalise(text).split()), Counter(normalise(sentence).split())
    return (
        sentence_words.total() > 0
        and (words & sentence_words).total() >= COVERED * sentence_words.total()
    )
