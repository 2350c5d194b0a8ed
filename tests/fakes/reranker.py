"""A reranker that needs no weights: the share of the question's words that a text holds."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"\w+")


class OverlapReranker:
    """Knows nothing of word order or rarity, and keeps the port's promises."""

    name = "overlap"

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        question_words = set(_WORD.findall(question.casefold()))
        return [
            len(question_words & set(_WORD.findall(text.casefold()))) / max(1, len(question_words))
            for text in texts
        ]


class ConstantReranker:
    """Gives every text the same score, so that nothing but the tie is left to decide."""

    name = "constant"

    def __init__(self, value: float = 0.5) -> None:
        self._value = value

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        return [self._value] * len(texts)
