"""Split a passage into units to quote: sentences, and single lines of code and settings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.sentence_splitter import split_sentences

_FEWEST_LINES = 3
_CODE_LINES = 0.5
"""A text of at least so many lines, this share of which look like code, is a listing."""

_LOOKED_AT = 200
"""Characters of a line that are looked at."""

_CODE = re.compile(
    r"""\s*(?:
    [\w.$\-\[\]"']+(?:\s*:\s*[\w.,\[\] |]+?)?\s*(?:=|:=|\+=|-=)(?!=) # name: type =
    | ["']?[\w.$-]+["']?:(?:\s|$)                                      # key: value
    | [\w.$]+\(                                                       # call(
    | (?:async|await|def|class|return|raise|import|from|if|elif|else|for|foreach|while|with|try
      |except|catch|finally|switch|case|func|fn|function|let|const|var|val|public|private|protected
      |static|final|void|struct|enum|interface|impl|type|package|use|using|namespace|module|end
      |yield|assert|select|insert|update|delete|create|where|begin)\b.*[(){}\[\]:;=.\w]$
    | [@$>}\])]
    | </?\w
    | -\s[\w.$-]+:(?:\s|$)
    )""",
    re.VERBOSE,
)
_REMARK = re.compile(r"\s*(?:\#|//|--\s|/\*|\*\s|;;|\"\"\"|''')")
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class ListingUnit:
    """A place in a text that can be quoted, in code points."""

    start: int
    end: int
    line: bool = False
    """It is a line of a listing, not a sentence."""
    inside: int | None = None
    """The place, among the units, of the line that this one stands under by its indentation."""


def quotable(text: str) -> list[ListingUnit]:
    """Return the sentences of a text in order; a listing's lines in their place."""
    units: list[ListingUnit] = []
    for start, end in split_sentences(text):
        if _is_listing(text[start:end]):
            units.extend(_lines(text, start, end, units))
        else:
            units.append(ListingUnit(start, end))
    return units


def _is_listing(text: str) -> bool:
    lines = text.split("\n")
    looks = sum(bool(_CODE.match(line[:_LOOKED_AT]) or _REMARK.match(line)) for line in lines)
    return len(lines) >= _FEWEST_LINES and looks >= _CODE_LINES * len(lines)


def _lines(text: str, start: int, end: int, before: Sequence[ListingUnit]) -> list[ListingUnit]:
    """Return a line at a time; what looks like running text stays with the line before."""
    starts = [
        line
        for line in _LINE.finditer(text, start, end)
        if line.start() == start or not _goes_on(text, line)
    ]
    outer = [(_indent(text, unit.start), i) for i, unit in enumerate(before) if unit.line]
    units: list[ListingUnit] = []
    for i, line_match in enumerate(starts):
        stop = starts[i + 1].start() if i + 1 < len(starts) else end
        words = text[line_match.start() : stop]
        first = line_match.start() + len(words) - len(words.lstrip())
        indent = _indent(text, first)
        while outer and outer[-1][0] >= indent:
            outer.pop()
        inside = outer[-1][1] if outer else None
        units.append(
            ListingUnit(first, line_match.start() + len(words.rstrip()), line=True, inside=inside)
        )
        outer.append((indent, len(before) + i))
    return units


def _goes_on(text: str, line: re.Match[str]) -> bool:
    """Tell whether a line carries a remark, or running text, on from the line before."""
    content = line.group()
    before = text[text.rfind("\n", 0, line.start() - 1) + 1 : line.start()]
    if _REMARK.match(content):
        return bool(_REMARK.match(before)) and not content.lstrip().startswith(('"""', "'''"))
    return not _CODE.match(content[:_LOOKED_AT])


def _indent(text: str, place: int) -> int:
    return place - text.rfind("\n", 0, place) - 1
