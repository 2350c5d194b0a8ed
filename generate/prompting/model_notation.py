"""Bring the notations of models into one: markers, links, emphasis, reasoning.

A model that was asked for ``[1]`` also writes the marks of its training: ``【1】``, ``[^1]``,
``[passage 1]``, ``[[1]]``, ``[1](address)``.
"""

import re

from generate.types import Mark

_CALLED = r"(?:passages?|sources?|documents?|docs?|references?|refs?|citations?|notes?)"
_MARKER = re.compile(
    rf"""[\[\uff3b\u3010]{{1,2}} \s* \^? (?:{_CALLED}\s*[:\#.]?\s*)?
    (?P<numbers> \d{{1,9}} (?:\s*(?:[,;&\u2013-]|and)\s* (?:{_CALLED}\s*)? \^? \d{{1,9}})*) \s*
    (?:\u2020[^\[\]\u3010\u3011\n]{{0,60}})? [\]\uff3d\u3011]$""",
    re.IGNORECASE | re.VERBOSE,
)
_TWICE = re.compile(r"(\[[\d,;\s\u2013-]+\])\]$")
_LEADING_AWAY = re.compile(r"(\[[\d,;\s\u2013-]+\])\([^()\s]*\)$")
_CLOSING = frozenset("]\uff3d\u3011)")
_MARKER_REACH = 160
"""Characters that a marker with its address takes at most."""

OPEN_MARKER = re.compile(
    r"[\[\uff3b\u3010]{1,2}\s*\^?(?:[A-Za-z]{0,10}\s*[:#.]?\s*)?(?:[\d\s,;&\u2013-]|and)*"
    r"(?:\u2020[^\]\u3011]*)?$"
)
"""A marker whose end has not come yet."""

_LIST_SIGN = re.compile(r"^(?:[-*+\u2022]\s+|#+\s+|\d{1,2}[.)]\s+)")
_TARGET = r"""\(\s*[^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+"[^"\n]*")?\s*\)"""
_LINK = re.compile(rf"\[([^\[\]\n]*)\]{_TARGET}")
_IMAGE = re.compile(rf"!\[[^\[\]\n]*\]{_TARGET}")
_TAG = re.compile(r"<[a-z][a-z0-9]*\b[^<>]*\s[\w-]+\s*=[^<>]*>", re.IGNORECASE)
"""A tag with attributes, such as one that fetches something; without any it may be a word."""
_EMPHASIS = re.compile(r"\*\*|__|`|(?<![\w*])\*(?=[^\s*][^*\n]*\*(?![\w*]))|(?<=[^\s*])\*(?![\w*])")

_PAIR = re.compile(
    r"`(?P<code>[^`\n]+)`|\*\*(?P<bold>[^*\n]+)\*\*|(?<!\w)__(?P<strong>[^_\n]+)__(?!\w)"
)


def in_one_notation(text: str) -> str:
    """Return the text with the marker that its last character closes, if any, as ``[1, 2]``."""
    if not text or text[-1] not in _CLOSING:
        return text
    before, tail = text[:-_MARKER_REACH], text[-_MARKER_REACH:]
    if tail[-1] == ")":
        return before + _LEADING_AWAY.sub(r"\1", tail)
    if text.count("[") < text.count("]"):
        tail = _TWICE.sub(r"\1", tail)
    return before + _MARKER.sub(_canonical, tail)


def bare(text: str) -> str:
    """Return a sentence without list signs, emphasis, images, tags that fetch, links' addresses."""
    return without_emphasis(without_links(text))[0]


def without_links(text: str) -> str:
    """Leave out list signs, images, tags that fetch, and addresses of links."""
    text = _LINK.sub(r"\1", _IMAGE.sub("", _LIST_SIGN.sub("", text.strip())))
    return _TAG.sub("", text)


def without_emphasis(text: str) -> tuple[str, tuple[Mark, ...]]:
    """Return the text without the signs of bold, italics and code, and where bold and code stood.

    Between the signs of code nothing is a sign.
    """
    plain, marks, end = "", [], 0
    for pair in _PAIR.finditer(text):
        plain += _EMPHASIS.sub("", text[end : pair.start()])
        start = len(plain)
        plain += pair["code"] or _EMPHASIS.sub("", pair["bold"] or pair["strong"])
        marks.append(Mark("code" if pair["code"] else "bold", start, len(plain)))
        end = pair.end()
    return plain + _EMPHASIS.sub("", text[end:]), tuple(marks)


def all_in_one_notation(text: str) -> str:
    """Return a whole text with every marker as ``[1, 2]``."""
    canonical_text = ""
    for character in text:
        canonical_text = in_one_notation(canonical_text + character)
    return canonical_text


def _canonical(marker: re.Match[str]) -> str:
    pieces = re.split(r"([,;&]|and)", marker.group("numbers"), flags=re.IGNORECASE)
    numbers = (re.findall(r"\d+", piece) for piece in pieces[::2])
    return "[" + ", ".join("-".join(f"{int(n)}" for n in ends) for ends in numbers) + "]"
