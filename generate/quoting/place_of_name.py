"""How another name looks in the place that a name has in the question: the bus to Oslo."""

import re

_PLACE = re.compile(
    r"([^\W\d_][\w-]{2,})\s(to|of|for|from|in|at|by|with|on|between|against|into)\s(?:the\s)?$"
)
"""A word and a preposition before the name."""
_LEAST_STEM = 3
_ENDING = 2
"""So many letters of a word may be its ending."""


def rival_in_place(question: str, start: int) -> re.Pattern[str] | None:
    """Return how a text names another in the place of the name that begins at ``start``.

    None where no word and preposition stand before the name.
    """
    place = _PLACE.search(question[:start])
    if place is None:
        return None
    word, preposition = place.groups()
    stem = re.escape(word[: max(_LEAST_STEM, len(word) - _ENDING)])
    return re.compile(rf"\b(?i:{stem})\w*\s{preposition}\s(?:the\s)?(?=[A-Z])")
