"""Groups of words that tell things apart, as lists write them, and the forms of a word."""

import re

_LEAST_STEM = 3
_ENDING = 2
"""So many letters of a word may be its ending."""

Sides = tuple[tuple[str, ...], ...]
"""One group: on each side the words for one thing."""


def read_groups(listing: str) -> list[Sides]:
    """Read a list of groups: one a line, a hyphen between sides; a hyphen first goes on."""
    lines = re.sub(r"\n\s*-", " -", listing.strip()).split("\n")
    return [tuple(tuple(side.split()) for side in line.split(" - ")) for line in lines]


def any_form(word: str) -> str:
    """Return the pattern of a word with this ending or another."""
    return rf"{re.escape(word[: max(_LEAST_STEM, len(word) - _ENDING)])}\w*"
