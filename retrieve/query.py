"""Rewrite a question to the text and the terms that are searched for."""

import unicodedata

from index.text.analyzer import analyse, question_terms
from retrieve.errors import InvalidQuestionError

_FUNCTION = frozenset(
    analyse(
        "about above after again all also am any because been before being below between both can "
        "could did do does doing down during each few from further had has have having he her here "
        "hers him his how i its itself just me more most my nor now off once only other our out "
        "over own same she should so some than them those through too under until up very we were "
        "what when where which while who whom why would you your"
    )
)
"""Terms that say how a question is asked, not what it is about."""


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


def search_terms(question: str) -> list[str]:
    """Return the terms to look for: without function words, unless there are no others.

    Only the question loses them. The index keeps them, so that "The Who" can still be found.
    """
    terms = question_terms(question)
    return [term for term in terms if term not in _FUNCTION] or terms


def _too_long(longest: int) -> InvalidQuestionError:
    return InvalidQuestionError(f"The question is too long. Shorten it to {longest} characters.")
