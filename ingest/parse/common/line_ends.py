"""Line ends within paragraphs: what a wrapped line says goes on in the next one.

Chinese and Japanese have no blanks between words, so a line end there is nothing; Korean and all
others have.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

_UNSPACED = (
    r"\u2e80-\u2fdf\u3001-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff0f"
    r"\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\U00020000-\U0003ffff"
)
"""The letters and signs of Chinese and Japanese."""
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_MARKS = r"(?:</?(?:a|b|i|u|s|em|strong|span|code|small|mark|font|q)\b[^<>]*>)*"
_MARKUP_BREAK = re.compile(
    r"(?s:<(?:pre|textarea)\b.*?</(?:pre|textarea)>)"
    rf"|(?<=[{_UNSPACED}])(?P<closed>{_MARKS})[ \t]*\n\s*(?P<opened>{_MARKS})(?=[{_UNSPACED}])"
)
_CLOSES = re.compile(r"[。！？；：!?;:」』）】》〉…]\s*$")
_LEAST_WIDTH = 10
_NEAR_FULL = 0.8
_OPENS_ITEM = re.compile(r"\s|[・●○■□◆◇※＊*\-–—•（(【〔第「『0-9０-９一二三四五六七八九十]")


def is_unspaced(letter: str) -> bool:
    """Tell whether a letter is of a script that puts no blank between words."""
    return bool(_UNSPACED_LETTER.match(letter))


def join_markup_lines(markup: str) -> str:
    """Take out the line ends of HTML between two letters that have no blank between them."""
    return _MARKUP_BREAK.sub(
        lambda part: part[0] if part["closed"] is None else part["closed"] + part["opened"], markup
    )


def join_wrapped(text: str) -> str:
    """Join the lines of Chinese and Japanese paragraphs that were wrapped at a width."""
    if not _UNSPACED_LETTER.search(text):
        return text
    return "".join(map(_joined, re.split(r"(\n[^\S\n]*\n\s*)", text)))


def _joined(paragraph: str) -> str:
    lines = paragraph.split("\n")
    full = max(map(len, lines), default=0)
    if len(lines) < 2 or full < _LEAST_WIDTH:  # noqa: PLR2004
        return paragraph
    pieces = [lines[0]]
    for before, line in pairwise(lines):
        goes_on = (
            len(before.rstrip()) >= _NEAR_FULL * full
            and is_unspaced(before.rstrip()[-1:] or " ")
            and is_unspaced(line[:1] or " ")
            and not _CLOSES.search(before)
            and not _OPENS_ITEM.match(line)
        )
        if goes_on:
            pieces[-1] = pieces[-1].rstrip()
        pieces += [line] if goes_on else ["\n", line]
    return "".join(pieces)


def join_flowed(text: str, *, deletes_space: bool) -> str:
    """Join the lines of ``format=flowed`` (RFC 3676) that end in a blank to those after them."""
    flowing_lines: list[str] = []
    open_depth: int | None = None
    for depth, line in _unstuffed(text.splitlines()):
        if open_depth == depth and flowing_lines and line != "-- ":
            flowing_lines[-1] += line
        else:
            flowing_lines.append("> " * depth + line)
        goes_on = line.endswith(" ") and line != "-- "
        open_depth = depth if goes_on else None
        if goes_on and deletes_space:
            flowing_lines[-1] = flowing_lines[-1][:-1]
    return "\n".join(flowing_lines)


def _unstuffed(lines: Iterable[str]) -> Iterable[tuple[int, str]]:
    for line in lines:
        depth = len(line) - len(line.lstrip(">"))
        rest = line[depth:]
        yield depth, rest.removeprefix(" ")
