"""Score grounding: how many sentences follow from their quotes, by any verifier.

Citation precision and recall as Gao et al., ALCE (2023), section 3 define them, with a
``Verifier`` in the place of their entailment model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluate.metrics.score import Score
from generate.verification.verifier import Verifier, judge
from index.text.sentence_splitter import split_sentences

_NO_SENTENCE = Score.unjudged("there is no sentence to judge")


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence of an answer and the quotes that it cites."""

    text: str
    quotes: tuple[str, ...]


def groundedness(answer: Sequence[CitedSentence], passages: Sequence[str], by: Verifier) -> Score:
    """Share of the sentences that their quotes or the retrieved passages support."""
    if not answer:
        return _NO_SENTENCE
    evidence = [text[a:b] for text in passages for a, b in split_sentences(text)]
    loose = [
        one.text
        for one in answer
        if not _supports(by, one.text, one.quotes)
        and not _supports(by, one.text, [*one.quotes, *evidence])
    ]
    example = f"; the first that is not: {loose[0][:80]!r}" if loose else ""
    supported_count = len(answer) - len(loose)
    return Score(
        supported_count / len(answer),
        f"{supported_count} of {len(answer)} sentences are supported{example}",
    )


def citation_recall(answer: Sequence[CitedSentence], by: Verifier) -> Score:
    """Share of the sentences that their own quotes, taken together, support."""
    if not answer:
        return _NO_SENTENCE
    supported_count = sum(_supports(by, one.text, one.quotes) for one in answer)
    return Score(
        supported_count / len(answer),
        f"{supported_count} of {len(answer)} sentences follow from their quotes",
    )


def citation_precision(answer: Sequence[CitedSentence], by: Verifier) -> Score:
    """Share of the citations that are needed by a sentence that its quotes support.

    A citation is not needed where it alone does not support the sentence and the others do.
    """
    total = sum(len(one.quotes) for one in answer)
    if not total:
        return Score.unjudged("nothing was cited")
    right = sum(_count_needed(one, by) for one in answer)
    return Score(right / total, f"{right} of {total} citations are needed and support")


def _count_needed(one: CitedSentence, by: Verifier) -> int:
    if not _supports(by, one.text, one.quotes):
        return 0
    if len(one.quotes) == 1:
        return 1
    return sum(
        _supports(by, one.text, [quote])
        or not _supports(by, one.text, one.quotes[:position] + one.quotes[position + 1 :])
        for position, quote in enumerate(one.quotes)
    )


def _supports(by: Verifier, claim: str, evidence: Sequence[str]) -> bool:
    return bool(evidence) and judge(by, claim, evidence).verdict == "supported"
