"""A question as it came to the question that is searched for."""

import unicodedata

from retrieve.errors import InvalidQuestionError


def rewrite(question: str, *, longest: int) -> str:
    """Return the question in Unicode NFC, each run of white space as one space.

    Raises:
        InvalidQuestionError: nothing is left, more than ``longest`` characters are, or the text
            is not Unicode (a lone surrogate).

    """
    if len(question) > 4 * longest:  # before any work is spent on it
        raise _too_long(longest)
    normal = " ".join(unicodedata.normalize("NFC", question).split())
    if not any(unicodedata.category(character)[0] in "LNS" for character in normal):
        raise InvalidQuestionError("The question is empty. Ask with at least one word.")
    if len(normal) > longest:
        raise _too_long(longest)
    if any(unicodedata.category(character) == "Cs" for character in normal):
        raise InvalidQuestionError("The question is not valid Unicode text. Send it as UTF-8.")
    return normal


def _too_long(longest: int) -> InvalidQuestionError:
    return InvalidQuestionError(f"The question is too long. Shorten it to {longest} characters.")
