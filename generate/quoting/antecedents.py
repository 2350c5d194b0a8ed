"""Which sentence another one leans on: a pronoun on what came before, a row on its header."""

import re
from collections.abc import Sequence

_POINTS_BACK = re.compile(
    r"""^(?:[\"'\u201c(]*)(?:(?:And|But|So|However|Moreover|Instead|There|Then|Here|Also|Thus),?\s+)?
    (?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|such
    |both|one\ of\ (?:them|these)|the\ (?:former|latter|same))\b""",
    re.IGNORECASE | re.VERBOSE,
)
_EMPTY_IT = re.compile(r"^It (?:is|was|has been) (?:\w+ )?(?:that|to|known|said|believed)\b")
""""It is known that ..." points at nothing."""
_CELL = " | "


def leans_on(sentences: Sequence[str], place: int) -> int | None:
    """Return the place of the sentence without which this one is not understood, or none."""
    text = sentences[place]
    if place == 0:
        return None
    if _CELL in text:
        first = place
        while first > 0 and _CELL in sentences[first - 1]:
            first -= 1
        return first if first < place else None
    if _POINTS_BACK.match(text) and not _EMPTY_IT.match(text):
        return place - 1
    return None
