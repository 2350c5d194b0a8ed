"""Text and JSON from outside: refused where they are unsound, made fit for a page or a terminal.

A lone surrogate cannot be encoded, PostgreSQL stores no NUL, JSON has no NaN, and a value nested
hundreds of levels deep breaks whoever writes it out again. Every route and every command passes
what it takes through ``require_text`` or ``require_json`` before it is stored; what was stored by
an earlier version passes through ``fit_text`` or ``fit_json`` before it is shown.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from index.errors import UnsoundInputError

DEEPEST = 32
"""Levels of lists and objects inside each other."""
MOST_VALUES = 10_000
"""Values, keys not counted, of one JSON value."""
MOST_CHARACTERS = 1 << 20
"""Characters of one text inside a JSON value."""
LARGEST_INTEGER = 2**63 - 1
"""The largest integer that a database compares."""

_UNSOUND = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff]"
)
"""Characters that move a terminal's cursor, colour its text or turn its direction; not tab or
line feed."""


def require_text(text: str, name: str = "The text") -> str:
    """Return a text that can be stored and encoded, unchanged.

    Raises:
        UnsoundInputError: it has a NUL character or a lone surrogate.

    """
    if _UNSOUND.search(text):
        raise UnsoundInputError(
            f"{name} holds a NUL character or half of a surrogate pair. Remove it and try again."
        )
    return text


def require_json(value: Any, name: str = "The JSON") -> Any:
    """Return a JSON value that can be stored, compared and shown, unchanged.

    Raises:
        UnsoundInputError: a text in it is unsound or too long, it is nested too deeply, it holds
            too many values, or a number is not finite or too large.

    """
    for count, (inner, depth) in enumerate(_values(value)):
        if depth > DEEPEST:
            raise UnsoundInputError(f"{name} is nested more than {DEEPEST} levels deep.")
        if count > MOST_VALUES:
            raise UnsoundInputError(f"{name} holds more than {MOST_VALUES:,} values.")
        _require_scalar(inner, name)
    return value


def _values(value: Any) -> Iterator[tuple[Any, int]]:
    """Yield every value and every key with its depth, without recursion."""
    waiting = [(value, 0)]
    while waiting:
        inner, depth = waiting.pop()
        yield inner, depth
        if depth > DEEPEST:
            continue
        if isinstance(inner, dict):
            waiting.extend((item, depth + 1) for pair in inner.items() for item in pair)
        elif isinstance(inner, list | tuple):
            waiting.extend((item, depth + 1) for item in inner)


def _require_scalar(value: Any, name: str) -> None:
    if isinstance(value, str):
        require_text(value, name)
        if len(value) > MOST_CHARACTERS:
            raise UnsoundInputError(f"A text in it has more than {MOST_CHARACTERS:,} characters.")
    elif isinstance(value, float) and not math.isfinite(value):
        raise UnsoundInputError(f"{name} holds a number that is not finite. Send null instead.")
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise UnsoundInputError(f"{name} holds an integer of more than 64 bits. Send it as text.")


def fit_text(text: str) -> str:
    """Return a stored text as it can be encoded: what is unsound becomes U+FFFD."""
    return _UNSOUND.sub("\ufffd", text)


def fit_json(value: Any) -> Any:
    """Return a stored JSON value as it can be shown: what cannot be becomes null or U+FFFD."""
    try:
        return require_json(value)
    except UnsoundInputError:
        return _fit(value, 0)


def _fit(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        return None
    if isinstance(value, str):
        return fit_text(value[:MOST_CHARACTERS])
    if isinstance(value, dict):
        return {fit_text(str(k)): _fit(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def printable(text: str) -> str:
    """Return a text as a terminal may show it: control characters as hexadecimal."""
    return _CONTROL.sub(lambda match: _spell(ord(match.group())), text)


def printable_json(text: str) -> str:
    """Return JSON of the same value that a terminal may show: control characters as escapes."""
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def _spell(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004 - one byte
