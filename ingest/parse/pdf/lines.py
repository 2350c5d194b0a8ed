"""Words and lines as they stand on a page, and lines joined to paragraphs."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from typing import NamedTuple

BULLETS = "\u2022\u25aa\u25cf\u25cb\u25a0\u25e6\u2023\u2043\uf0b7\uf0a7"
_BULLET = re.compile(
    rf"[{BULLETS}]\s\S"  # a bullet
    r"|[\u2013*-]\s[^\W_a-z]"  # a dash before a capital or a number
    r"|(?:\(?\d{1,2}[.)]|\[\d+\])\s\S"  # a number
)
_TERMINAL = re.compile(r"[.!?:\u2026\u3002\uff01\uff1f][\"')\]\u2019\u201d\u00bb]*$")

_TOUCHING = 0.05
"""Ems between two letters of one word; a blank is four times as wide."""

_TURNED_PITCH = 1.6
"""Ems between the lines of a turned paragraph."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A page: its 1-based number, its width and height in points."""

    number: int
    width: float
    height: float


class Word(NamedTuple):
    """A word and its box, in shares of the page; the origin is top left."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


def is_mark(text: str) -> bool:
    """Tell whether a text is only what leads a list item: a bullet, a number."""
    return len(text) < 6 and bool(_BULLET.match(f"{text} X"))  # noqa: PLR2004


@dataclass(slots=True)
class TextLine:
    """A line of words. ``size`` is the height of an em in points.

    Never changed once made; what is asked of it again and again is worked out at the start.
    """

    frame: Frame
    words: tuple[Word, ...]
    size: float
    bold: bool = False
    hyphenated: bool = False
    """The last word goes on in the next line."""
    turn: int = 0
    """Degrees by which the line is turned clockwise from level: 0, 90, 180 or 270."""
    text: str = field(init=False)
    """The words with single spaces."""
    left: float = field(init=False)
    """Points from the page's left edge."""
    right: float = field(init=False)
    """Points from the page's left edge."""
    base: float = field(init=False)
    """Points from the page's top to the line's lower edge."""

    def __post_init__(self) -> None:
        """Work out the text and the place."""
        texts, x0, _, x1, y1 = zip(*self.words, strict=True)
        self.text = " ".join(texts)
        self.left = min(x0) * self.frame.width
        self.right = max(x1) * self.frame.width
        self.base = _lower_median(y1) * self.frame.height

    @property
    def depth(self) -> float:
        """Return how far down its own page a turned line stands, in points."""
        x = sum(word.x0 + word.x1 for word in self.words) / len(self.words) / 2
        y = sum(word.y0 + word.y1 for word in self.words) / len(self.words) / 2
        across, down = x * self.frame.width, y * self.frame.height
        return {0: down, 90: -across, 180: -down, 270: across}[self.turn]

    @property
    def in_margin(self) -> bool:
        """Tell whether the line stands at the top or bottom of the page."""
        return not 0.1 < self.base / self.frame.height < 0.9  # noqa: PLR2004

    @property
    def starts_item(self) -> bool:
        """Tell whether a list item begins here."""
        return bool(_BULLET.match(self.text))

    @property
    def ends_sentence(self) -> bool:
        """Tell whether the last word closes a sentence."""
        return bool(_TERMINAL.search(self.words[-1].text))


def in_turned_order(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return a page's lines, those that are turned alike in the order in which they are read."""
    if not any(line.turn for line in lines):
        return list(lines)
    ordered: list[TextLine] = []
    for turn, group in groupby(lines, key=lambda line: line.turn):
        run = list(group)
        if turn:
            run.sort(key=lambda line: line.depth)
        ordered += run
    return ordered


def paragraphs(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Group a page's lines, which are in reading order, into paragraphs."""
    whole = _rejoin(lines)
    pitch = _pitches(whole)
    groups: list[list[TextLine]] = []
    for line in whole:
        if groups and _goes_on(groups[-1], line, pitch):
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _rejoin(lines: Iterable[TextLine]) -> list[TextLine]:
    """Put back together the lines that pdfium broke at a raised or lowered sign."""
    whole: list[TextLine] = []
    for line in lines:
        before = whole[-1] if whole else None
        is_level = not line.turn and before is not None and not before.turn
        if before and is_level and not before.hyphenated and _same_row(before, line):
            longer = max(before, line, key=lambda candidate: len(candidate.text))
            whole[-1] = replace(longer, words=_joined(before, line), hyphenated=line.hyphenated)
        else:
            whole.append(line)
    return whole


def _joined(before: TextLine, line: TextLine) -> tuple[Word, ...]:
    """Return the words of both, the two at the seam as one where they touch as letters do."""
    last, first = before.words[-1], line.words[0]
    gap = abs(first.x0 - last.x1) * line.frame.width
    are_numbers = last.text[-1].isnumeric() and first.text[0].isnumeric()
    if gap > _TOUCHING * max(before.size, line.size) or are_numbers:
        return before.words + line.words
    glued = Word(
        last.text + first.text, min(last.x0, first.x0), min(last.y0, first.y0),
        max(last.x1, first.x1), max(last.y1, first.y1),
    )  # fmt: skip
    return (*before.words[:-1], glued, *line.words[1:])


def _same_row(before: TextLine, line: TextLine) -> bool:
    size = max(before.size, line.size)
    is_near = -0.3 * size < line.left - before.right < 0.6 * size
    return is_near and abs(line.base - before.base) < 0.6 * size


def _pitches(lines: Sequence[TextLine]) -> dict[int, float]:
    """Return the usual distance between two lines, in points, for each font size."""
    steps_by_size: dict[int, list[float]] = defaultdict(list)
    for before, line in pairwise(lines):
        step = line.base - before.base
        if abs(before.size - line.size) < 0.1 * line.size and 0 < step < 3 * line.size:
            steps_by_size[round(line.size)].append(step)
    return {size: _lower_median(steps) for size, steps in steps_by_size.items()}


def _lower_median(steps: Sequence[float]) -> float:
    return sorted(steps)[(len(steps) - 1) // 2]


def _goes_on(group: list[TextLine], line: TextLine, pitch: dict[int, float]) -> bool:
    before = group[-1]
    if abs(before.size - line.size) > 0.12 * max(before.size, line.size):
        return False
    if before.turn or line.turn:
        return _goes_on_turned(before, line)
    if before.hyphenated:
        return True
    if before.bold != line.bold or line.starts_item:
        return False
    step = line.base - before.base
    if step < -0.5 * line.size:  # another column
        return not before.ends_sentence and line.text[:1].islower()
    is_far = step > 1.35 * pitch.get(round(line.size), 1.2 * line.size)
    return not is_far and not _ends_paragraph(group, line)


def _goes_on_turned(before: TextLine, line: TextLine) -> bool:
    is_near = 0 < line.depth - before.depth < _TURNED_PITCH * line.size
    is_same_turn = before.turn == line.turn
    return is_same_turn and is_near and not before.ends_sentence and not line.starts_item


def _ends_paragraph(group: list[TextLine], line: TextLine) -> bool:
    """Tell whether a paragraph ended before ``line`` by its shape: a short last line, an indent."""
    before = group[-1]
    if line.left > before.right or line.right < before.left:
        return abs(line.base - before.base) > 0.5 * line.size
    if not before.ends_sentence:
        return False
    left = min(member.left for member in group)
    right = max(member.right for member in [*group, line])
    is_indented = line.left - left > 0.8 * line.size
    is_short = right - before.right > 0.25 * (right - left)
    return is_indented or is_short
