"""A number format's section cut into tokens."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TokenKind = Literal[
    "literal", "digit", "point", "comma", "percent", "exponent", "slash", "text", "general",
    "date", "elapsed", "half",
]  # fmt: skip


class FormatToken(NamedTuple):
    """A piece of a format's code: how it is meant, and its letters."""

    kind: TokenKind
    text: str


_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | \[(?P<bracket>[^\]]*)\]?
    | (?P<space>_.?)
    | (?P<fill>\*.?)
    | (?P<general>general|standard)
    | (?P<half>AM/PM|A/P|上午/下午)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|a{3,4}|g+|e+|b+)
    | (?P<digit>[0\#?])
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<slash>/)
    | (?P<text>@)
    | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)


def tokens_of(section: str) -> Iterator[FormatToken]:
    """Yield the tokens of a section; colours, conditions and languages in brackets show nothing."""
    for match in _TOKEN.finditer(section):
        name, text = match.lastgroup or "literal", match.group()
        if name in {"quoted", "escaped", "literal"}:
            yield FormatToken("literal", match.group(name))
        elif name == "space":
            yield FormatToken("literal", " ")
        elif name == "bracket":
            yield from _bracket(match.group("bracket"))
        elif name != "fill":
            yield FormatToken(_kind(name), text if name in {"half", "digit"} else text.lower())


def _kind(name: str) -> TokenKind:
    kinds: dict[str, TokenKind] = {
        "general": "general", "half": "half", "exponent": "exponent", "date": "date",
        "digit": "digit", "point": "point", "comma": "comma", "percent": "percent",
        "slash": "slash", "text": "text",
    }  # fmt: skip
    return kinds[name]


def _bracket(content: str) -> Iterator[FormatToken]:
    if content.startswith("$"):
        currency = content[1:].rpartition("-")[0] if "-" in content else content[1:]
        if currency:
            yield FormatToken("literal", currency)
    elif _ELAPSED.fullmatch(content):
        yield FormatToken("elapsed", content.lower())
