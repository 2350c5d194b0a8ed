"""The kind of a line in a model's Markdown, as soon as its first characters tell."""

import re
from dataclasses import dataclass
from typing import Literal

LineKind = Literal["text", "item", "row", "heading", "fence"]

LONGEST_LINE = 2_000
"""Characters after which a line that is read whole is taken for text."""

_BEGINNINGS: tuple[tuple[LineKind, re.Pattern[str]], ...] = (
    ("fence", re.compile(r"```|~~~")),
    ("row", re.compile(r"\|")),
    ("heading", re.compile(r"#{1,6}[^\S\n]|\*\*[^*\n]{1,200}\*\*:?\s*$")),
    ("item", re.compile(r"(?:[-*+\u2022\u25aa\u25cf]|\d{1,3}[.)])[^\S\n]")),
)
"""A line that is all in bold is a heading, too."""
_UNDECIDED = re.compile(
    r"""(?:[-*+\u2022\u25aa\u25cf] | \d{1,3}[.)]? | \#{1,6} | `{1,2} | ~{1,2} | \*\*[^*\n]{0,200}\*?
    | \*\*[^*\n]{1,200}\*\*:?[^\S\n]*)?$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class LineStart:
    """The beginning of a line, read far enough to know its kind."""

    kind: LineKind
    indent: int
    """White space before it, in characters; a tab is one."""
    sign: str = ""
    """The sign of an item, with the white space behind it."""

    @property
    def number(self) -> int | None:
        """Return the number of an item that has one."""
        digits = re.match(r"\d+", self.sign)
        return int(digits.group()) if digits else None


def read_line_start(line: str, *, is_whole: bool) -> LineStart | None:
    """Return the kind of a line from its first characters; None while more could change it.

    Of an empty line there is none. Rows, headings and fences are told by their first characters
    and mean something when the line is whole.
    """
    text = line.lstrip()
    indent = len(line) - len(text)
    if not is_whole and len(line) < LONGEST_LINE and _UNDECIDED.match(text):
        return None
    if len(line) < LONGEST_LINE:
        for kind, beginning in _BEGINNINGS:
            if match := beginning.match(text):
                return LineStart(kind, indent, match.group() if kind == "item" else "")
    return LineStart("text", indent) if text else None
