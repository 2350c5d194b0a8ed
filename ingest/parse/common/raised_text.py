"""Raised and lowered letters, such as powers and the numbers of notes, kept from joining others.

``10`` with a raised ``6`` is not 106, and ``revenue`` with a raised ``3`` is no word. Units and
formulas (``m²``, ``CO₂``) are written as everybody types them: m2, CO2.
"""

import re

_RAISED = frozenset(("superscript", "super", "sup"))
_LOWERED = frozenset(("subscript", "sub"))
_STARTS = "+-\u2212(*"
"""Signs that a power or a note may begin with, besides digits."""
_WORD_OR_STOP = re.compile(r"(?:[^\W\d_]{3}|[.,;:!?)\]\"\u201d\u2019%])\Z")


def sign_before(text: str, position: str | None, before: str) -> str:
    """Return the sign that goes before raised or lowered letters: ``^``, ``_`` or nothing.

    It is there where they would be read as part of what stands ``before`` them. ``position`` is a
    word of Office or a tag of HTML; any other means that the letters stand on the line.
    """
    if not text or not (text[0].isnumeric() or text[0] in _STARTS):
        return ""
    if position in _RAISED and (before[-1:].isnumeric() or _WORD_OR_STOP.search(before[-3:])):
        return "^"
    return "_" if position in _LOWERED and before[-1:].isnumeric() else ""


def blank_after(text: str, after: str) -> str:
    """Return a blank where raised or lowered letters would join a number behind them."""
    return " " if text[-1:].isnumeric() and after[:1].isnumeric() else ""


def is_off_line(position: str | None) -> bool:
    """Tell whether letters stand raised or lowered."""
    return position in _RAISED or position in _LOWERED
