"""The guard's three stages: the question, the evidence, the answer. Pure functions.

Rules so far: what a person cannot see is not read. Quotes keep the source's own characters.
"""

import re
import unicodedata
from collections.abc import Sequence

from generate.errors import EmptyQuestionError, QuestionTooLongError
from retrieve.types import Passage

_KEPT = frozenset("\n\t\u200c\u200d")
"""Line breaks, and the joiners that Persian, Hindi and emoji are written with."""
_SMUGGLED = re.compile("[\U000e0000-\U000e007f]{2,}|[\u202a-\u202e\u2066-\u2069]{4,}")
"""Unicode tags, or runs of direction marks: letters for a model that no reader sees."""


def check_question(question: str, limit: int) -> str:
    """Return the question as a person would read it.

    Raises:
        EmptyQuestionError: it holds no letter and no digit.
        QuestionTooLongError: it is longer than ``limit`` characters.

    """
    if len(question) > limit:
        raise QuestionTooLongError(f"A question may have {limit} characters.")
    seen = visible(question).strip()
    if not any(character.isalnum() for character in seen):
        raise EmptyQuestionError("Ask something: the question has no words.")
    return seen


def check_evidence(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Leave out passages that carry text which only a model would see."""
    return tuple(passage for passage in passages if not _SMUGGLED.search(passage.text))


def check_sentence(text: str) -> str:
    """Return the visible part of a sentence that is about to be released."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Drop control and format characters that show nothing."""
    return "".join(
        character
        for character in text
        if character in _KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs"}
    )
