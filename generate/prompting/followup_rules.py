"""A follow-up question made to stand alone, so that it can be searched for."""

import re
from collections.abc import Sequence

from generate.types import Turn
from index.text.analyzer import analyse
from index.text.content_terms import content_terms

_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|one"
    r"|ones|same|former|latter|such)\b|^(?:and|but|so|or|what about|how about|why)\b",
    re.IGNORECASE,
)
_FEW = 2
"""A question with fewer content terms is understood from what came before."""
_WORD = re.compile(r"\w[\w'\u2019-]*")


def standalone_question(question: str, history: Sequence[Turn]) -> str:
    """Append the previous question's content words where the question leans on it.

    A question that stands alone, or that opens the conversation, comes back as it is.
    """
    earlier = [turn.text for turn in history if turn.speaker == "user"]
    terms = content_terms(question)
    if not earlier or (len(terms) > _FEW and not _POINTS_BACK.search(question)):
        return question
    wanted = set(content_terms(earlier[-1])) - set(terms)
    words = dict.fromkeys(w for w in _WORD.findall(earlier[-1]) if wanted.intersection(analyse(w)))
    return f"{question} {' '.join(words)}".strip()
