"""Marks that stand for text that a parser leaves out, until its place in the document is known.

A mark is a code point that no text holds (Unicode Standard 23.7, noncharacters). It goes with the
text around it through every step; when the document is put together, it becomes an ``Omission``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from ingest.types import Omission, OmissionRule

STRUCK_OUT = "\U0001fffe"
"""Stands where text is left out that its author has struck out."""
INVISIBLE = "\U0001ffff"
"""Stands where text is left out that its format hides from readers."""

_RULES: dict[str, OmissionRule] = {STRUCK_OUT: "struck-out", INVISIBLE: "invisible-text"}
_MARKS_OF = {rule: mark for mark, rule in _RULES.items()}
_MARK = re.compile(f"[{STRUCK_OUT}{INVISIBLE}]")
_MARKS_WITH_BLANKS = re.compile(f" ?(?P<marks>{_MARK.pattern}(?: ?{_MARK.pattern})*) ?")
_CELL = "|"
_CLOSING = frozenset("\n,.;:!?)")
"""Signs that no blank goes before."""
_WORDS: dict[OmissionRule, str] = {
    "struck-out": "that is struck out",
    "invisible-text": "that readers do not see",
}


def without_marks(text: str) -> str:
    """Return a text without marks."""
    return _MARK.sub("", text)


def take_marks(text: str) -> tuple[str, list[tuple[OmissionRule, int]]]:
    """Return a text without its marks, and for each mark its rule and its offset in that text."""
    if not _MARK.search(text):
        return text, []
    pieces: list[str] = []
    omissions: list[tuple[OmissionRule, int]] = []
    position = length = 0
    for match in _MARKS_WITH_BLANKS.finditer(text):
        pieces += [text[position : match.start()], _blanks_for(match)]
        length += match.start() - position + len(pieces[-1])
        omissions += [(_RULES[mark], length) for mark in match["marks"] if mark in _RULES]
        position = match.end()
    pieces.append(text[position:])
    return "".join(pieces), omissions


def _blanks_for(match: re.Match[str]) -> str:
    """Return the blanks that stay where marks with blanks stood: none at the ends of a line."""
    text, start, end = match.string, match.start(), match.end()
    before = text[start - 1] if start else "\n"
    after = text[end] if end < len(text) else "\n"
    has_blank = " " in (text[start], text[end - 1])
    if after == _CELL and has_blank:
        return "  " if before == _CELL else " "
    return " " if has_blank and before != "\n" and after not in _CLOSING else ""


def with_marks(text: str, start: int, omissions: Iterable[Omission]) -> str:
    """Put marks back into a text that begins at ``start`` of its document."""
    slices: list[str] = []
    position = 0
    for omission in omissions:
        offset = omission.start - start
        if 0 <= offset <= len(text):
            slices += [text[position:offset], _MARKS_OF[omission.rule]]
            position = offset
    return "".join([*slices, text[position:]])


def omission_warnings(omissions: Iterable[Omission]) -> Iterator[str]:
    """Yield a sentence for each kind of text that was left out."""
    for rule, count in Counter(omission.rule for omission in omissions).items():
        places = "1 place" if count == 1 else f"{count:,} places"
        yield f"Text {_WORDS[rule]} was left out in {places}."
