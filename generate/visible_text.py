"""Drop characters that a person cannot see, whatever the policy. Pure functions.

Quotes keep the source's own characters. What the policy adds is in ``generate/guardrails``.
"""

import unicodedata

from generate.errors import EmptyQuestionError, QuestionTooLongError

_ALLOWED_FORMATS = frozenset("\n\t\u200c\u200d")
"""Line breaks, and the joiners that Persian, Hindi and emoji are written with."""


def check_question(question: str, limit: int) -> str:
    """Return the question as a person would read it.

    Raises:
        EmptyQuestionError: it holds no letter and no digit.
        QuestionTooLongError: it is longer than ``limit`` characters.

    """
    if len(question) > limit:
        raise QuestionTooLongError(f"A question may have {limit} characters.")
    visible_question = visible(question).strip()
    if not any(character.isalnum() for character in visible_question):
        raise EmptyQuestionError("Ask something: the question has no words.")
    return visible_question


def check_sentence(text: str) -> str:
    """Return the visible part of a sentence that is about to be released."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Drop control and format characters that show nothing."""
    return "".join(
        character
        for character in text
        if character in _ALLOWED_FORMATS
        or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs"}
    )
