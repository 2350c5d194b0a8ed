"""How another name looks in the place that a name has in the question: the bus to Oslo."""

import re

from generate.facts.word_groups import any_form

_PLACE = re.compile(
    r"([^\W\d_][\w-]{2,})\s(to|of|for|from|in|at|by|with|on|between|against|into)\s(?:the\s)?$"
)
"""A word and a preposition before the name."""


def rival_in_place(question: str, start: int) -> re.Pattern[str] | None:
    """Return how a text names another in the place of the name that begins at ``start``.

    None where no word and preposition stand before the name.
    """
    place = _PLACE.search(question[:start])
    if place is None:
        return None
    word, preposition = place.groups()
    return re.compile(rf"\b(?i:{any_form(word)})\s{preposition}\s(?:the\s)?(?=[A-Z])")
