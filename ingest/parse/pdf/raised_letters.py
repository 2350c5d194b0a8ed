"""Letters of a PDF that stand smaller above or below the line: powers, numbers of notes.

A PDF does not say that a letter is raised; pdfium hands over ``100`` and a raised ``1`` as the word
``1001``. Each word's first and last letter have boxes already, so only words whose ends differ in
height are looked at more closely.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.parse.common.raised_text import blank_after, sign_before

_LOWER = 0.87
"""Height of a box, in heights of the other end's, below which one letter is set smaller."""
_RISE, _FALL = 0.12, -0.06
"""Ems between the base lines of letters, above and below which they are no longer on one line."""
STOPS = '.,;:!?)]"\u201d\u2019'
"""Signs that stand on the line after a raised number."""
_LONGEST = 40
"""Letters of a word that is looked at: numbers are shorter."""


class Setting(NamedTuple):
    """How a letter is set: the height of an em and its base line, in the page's own units."""

    size: float
    base: float


SettingOf = Callable[[int], Setting]
"""Returns how the letter at one of pdfium's positions is set."""


def ends_in_stop(text: str) -> bool:
    """Tell whether a word holds a digit before the stops at its end."""
    word = text.rstrip(STOPS)
    return len(word) < len(text) and word[-1:].isnumeric()


def differing(heights: npt.NDArray[np.float64]) -> list[int]:
    """Return the rows in which one of two heights is clearly less than the other."""
    low, high = heights.min(axis=1), heights.max(axis=1)
    return np.flatnonzero((low < _LOWER * high) & (low > 0)).tolist()


def set_apart(text: str, start: int, setting_of: SettingOf) -> str:
    """Return a word whose raised or lowered digits no longer join what stands beside them.

    ``start`` is pdfium's position of its first letter; each of its letters has one position.
    """
    if len(text) > _LONGEST or not any(map(str.isnumeric, text)):
        return text
    settings = [setting_of(start + at) for at in range(len(text))]
    largest = max(settings)
    positions = [_position(setting, largest) for setting in settings]
    if not any(positions):
        return text
    pieces: list[str] = []
    for at, (letter, position) in enumerate(zip(text, positions, strict=True)):
        before = positions[at - 1] if at else None
        if at and position != before:
            is_back = position is None
            pieces.append(
                blank_after(text[at - 1], text[at:])
                if is_back
                else sign_before(text[at:], position, text[:at])
            )
        pieces.append(letter)
    return "".join(pieces)


def _position(setting: Setting, largest: Setting) -> str | None:
    """Return ``super`` or ``sub`` for a letter that is smaller and off the line of the largest."""
    if setting.size >= _LOWER * largest.size or not largest.size:
        return None
    rise = (setting.base - largest.base) / largest.size
    return "super" if rise > _RISE else "sub" if rise < _FALL else None


def words_set_apart(
    texts: Sequence[str], starts: Sequence[int], rows: Sequence[int], setting_of: SettingOf
) -> list[str]:
    """Return the words, those at ``rows`` with raised and lowered digits set apart."""
    apart = list(texts)
    for row in rows:
        apart[row] = set_apart(texts[row], starts[row], setting_of)
    return apart
