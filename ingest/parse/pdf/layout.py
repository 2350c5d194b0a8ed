"""Lines of a paged document to pieces: hyphens mended, headings found, running lines left out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from unicodedata import bidirectional

from ingest.parse.common.document_builder import CELL_GAP, Place, TextPiece
from ingest.parse.common.line_ends import is_unspaced
from ingest.parse.pdf.columns import arrange_lines
from ingest.parse.pdf.lines import BULLETS, TextLine, in_turned_order, paragraphs
from ingest.parse.pdf.ruled_tables import RuledTable, RulingLine, grids
from ingest.parse.pdf.running_lines import part_running_lines
from ingest.parse.pdf.text_layer import PageText
from ingest.types import BlockKind  # noqa: TC001

_MOST_LEVELS = 6
_LONGEST_HEADING = 250
"""In characters."""
_NOTE_SIZE = 0.93
"""Text that is smaller than this share of the body's size is a note."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_KOREAN_ENDINGS = frozenset(
    {"니다", "습니다", "는", "은", "을", "를", "의", "에서", "에게", "까지", "부터", "으로"}
    | {"로", "와", "다", "요"}
)
"""Ends of Korean words that are no words themselves: before them, a line end parts a word."""
_HYPHENS = "-\u00ad\u2010"
_KEEP = frozenset({"self", "non", "well", "cross", "half", "ex", "quasi", "high", "low", "long"})
"""Word beginnings that usually keep their hyphen, where the document itself does not tell."""


def pieces_of_pages(pages: Sequence[PageText]) -> list[TextPiece]:
    """Return the document's pieces, in the order of pages and lines."""
    body_lines, moved_lines = part_running_lines([page.lines for page in pages])
    items = [
        item
        for lines, page in zip(body_lines, pages, strict=True)
        for item in _items(in_turned_order(lines), page.rules)
    ]
    groups = _across_pages(items)
    prose = [group for group in groups if not isinstance(group, RuledTable)]
    scale = _Scale(line for group in prose for line in group)
    joiner = _HyphenJoiner(prose)
    pieces: list[TextPiece] = []
    for group in groups:
        if isinstance(group, RuledTable):
            pieces.append(_table(group, joiner))
        elif not _is_ornament(group):
            pieces.append(_piece(group, scale, joiner))
    pieces += [_piece([line], scale, joiner) for line in moved_lines if not _is_ornament([line])]
    return sorted(pieces, key=lambda piece: piece.page or 0)


Group = list[TextLine] | RuledTable
"""A paragraph, or what stands in its place."""


def _items(lines: Sequence[TextLine], rules: Sequence[RulingLine]) -> Iterator[Group]:
    """Yield a page's paragraphs and tables."""
    for item in _runs(grids(lines, rules)):
        if isinstance(item, RuledTable):
            yield item
            continue
        for inner in _runs(arrange_lines(item)):
            if isinstance(inner, RuledTable):
                yield inner
            else:
                yield from paragraphs(inner)


def _runs(items: Iterable[TextLine | RuledTable]) -> Iterator[Group]:
    run: list[TextLine] = []
    for item in items:
        if isinstance(item, TextLine):
            run.append(item)
            continue
        if run:
            yield run
            run = []
        yield item
    if run:
        yield run


def _is_ornament(group: Sequence[TextLine]) -> bool:
    text = "".join(line.text for line in group)
    return len(text) < 10 and not any(letter.isalnum() for letter in text)  # noqa: PLR2004


def _across_pages(groups: Iterable[Group]) -> list[Group]:
    """Join a paragraph that a page break cut in the middle of a sentence; notes stay after it."""
    whole_groups: list[Group] = []
    for group in groups:
        if isinstance(group, RuledTable):
            whole_groups.append(group)
            continue
        before = _before_notes(whole_groups, group[0])
        if before and _is_cut_by_page(before[-1], group[0]):
            before.extend(group)
        else:
            whole_groups.append(list(group))
    return whole_groups


def _before_notes(groups: Sequence[Group], line: TextLine) -> list[TextLine] | None:
    """Return the last paragraph of the page before, without the notes in small print under it."""
    for group in reversed(groups):
        if isinstance(group, RuledTable) or group[-1].frame.number == line.frame.number:
            return None
        if group[0].size > _NOTE_SIZE * line.size:
            return group
    return None


def _is_cut_by_page(before: TextLine, after: TextLine) -> bool:
    if before.frame.number + 1 != after.frame.number:
        return False
    has_same_font = abs(before.size - after.size) < 0.1 * after.size and before.bold == after.bold
    unfinished = before.hyphenated or not before.ends_sentence
    goes_on = after.text[:1].islower() or is_unspaced(after.text[0])
    return has_same_font and unfinished and goes_on


class _Scale:
    """The font sizes of a document: which is the body's, which are headings'."""

    def __init__(self, lines: Iterable[TextLine]) -> None:
        weights: Counter[float] = Counter()
        for line in lines:
            weights[line.size] += len(line.text)
        self.body = weights.most_common(1)[0][0] if weights else 0.0
        larger = sorted({_half(size) for size in weights if size > 1.12 * self.body}, reverse=True)
        self._levels = {size: min(i, _MOST_LEVELS) for i, size in enumerate(larger, start=1)}

    def level(self, group: Sequence[TextLine]) -> int:
        """Return the depth of the heading that a paragraph is, 0 if it is none."""
        text = group[-1].words[-1].text
        characters = sum(len(line.text) for line in group)
        if characters > _LONGEST_HEADING or text[-1] in ",;" or group[0].starts_item:
            return 0
        if not any(letter.isalpha() for line in group for letter in line.text):
            return 0
        size = group[0].size
        if size > 1.12 * self.body:
            return self._levels[_half(size)]
        is_bold = all(line.bold for line in group) and size > 0.95 * self.body
        if is_bold and len(group) <= 2 and text[-1] != ".":  # noqa: PLR2004
            return min(len(self._levels) + 1, _MOST_LEVELS)
        return 0


def _half(size: float) -> float:
    return round(2 * size) / 2


class _HyphenJoiner:
    """Decides what a hyphen at the end of a line was, by the words seen elsewhere."""

    def __init__(self, groups: Sequence[Sequence[TextLine]]) -> None:
        self._groups = groups

    @cached_property
    def _vocabulary(self) -> set[str]:
        vocabulary: set[str] = set()
        for line in (line for group in self._groups for line in group):
            inner = line.words[:-1] if _is_hyphenated(line) else line.words
            vocabulary.update(_WORD.findall(" ".join(word.text for word in inner).casefold()))
        return vocabulary

    def gap_between(self, last: str, first: str) -> str:
        """Return what stands between a line's last word and the first word of the next line."""
        if is_unspaced(last[-1]) and is_unspaced(first[0]):
            return ""
        if not (_HANGUL.fullmatch(last[-1]) and _HANGUL.match(first[0])):
            return " "
        ending = _last(first) if first.isalpha() else _first(first)
        whole = _last(last) + ending
        is_broken = ending in _KOREAN_ENDINGS or (
            whole in self._vocabulary and not {_last(last), ending} <= self._vocabulary
        )
        return "" if is_broken else " "

    def join_halves(self, first: str, second: str) -> tuple[str, str]:
        """Return the first part as it is written, and what stands between the parts."""
        stem = first.rstrip(_HYPHENS)
        head = _last(stem)
        tail = _first(second)
        whole = head + tail in self._vocabulary or (
            f"{head}-{tail}" not in self._vocabulary
            and second[0].islower()
            and head not in _KEEP
            and not {head, tail} <= self._vocabulary
        )
        return (stem, "") if head and tail and whole else (stem + "-", "")


def _last(text: str) -> str:
    match = re.search(r"[^\W\d_]+$", text)
    return match.group().casefold() if match else ""


def _first(text: str) -> str:
    match = re.match(r"[^\W\d_]+", text)
    return match.group().casefold() if match else ""


def _is_hyphenated(line: TextLine) -> bool:
    last = line.words[-1].text
    return line.hyphenated or (len(last) > 1 and last[-1] in _HYPHENS and last[-2].isalpha())


def _piece(group: Sequence[TextLine], scale: _Scale, joiner: _HyphenJoiner) -> TextPiece:
    text, boxes = text_of_lines(group, joiner)
    level = scale.level(group)
    other: BlockKind = "list" if group[0].starts_item else "paragraph"
    return TextPiece("heading" if level else other, text, level, group[0].frame.number, boxes)


def text_of_lines(
    group: Sequence[TextLine], joiner: _HyphenJoiner, at: int = 0
) -> tuple[str, list[Place]]:
    """Return the words with spaces between them, and where each stands; the text begins ``at``."""
    strings: list[str] = []
    boxes: list[Place] = []
    for i, line in enumerate(group):
        text, gap = line.text, " "
        last = line.words[-1].text
        if i + 1 < len(group) and _is_hyphenated(line):
            mended, gap = joiner.join_halves(last, group[i + 1].words[0].text)
            text = text[: len(text) - len(last)] + mended
        elif i + 1 < len(group):
            gap = joiner.gap_between(last, group[i + 1].words[0].text)
        page, end = line.frame.number, at + len(text)
        for word, x0, y0, x1, y1 in line.words:
            after = min(at + len(word), end)
            boxes.append((at, after, page, x0, y0, x1, y1))
            at = after + 1
        strings += (text, gap)
        at = end + len(gap)
    return "".join(strings[:-1]), boxes


def _table(table: RuledTable, joiner: _HyphenJoiner) -> TextPiece:
    """Return a line for each row, its cells separated as in every other format."""
    strings: list[str] = []
    boxes: list[Place] = []
    at = 0
    leftwards = _reads_leftwards(table)
    for i, row in enumerate(table.rows):
        for j, cell in enumerate(reversed(row) if leftwards else row):
            between = CELL_GAP if j else "\n" * bool(i)
            at += len(between)
            text, cell_boxes = text_of_lines(_without_bullet(cell), joiner, at)
            strings += (between, text)
            boxes += cell_boxes
            at += len(text)
    return TextPiece("table", "".join(strings), page=table.frame.number, boxes=boxes)


def _reads_leftwards(table: RuledTable) -> bool:
    letters = "".join(line.text for row in table.rows for cell in row for line in cell)
    kinds = Counter(map(bidirectional, letters))
    return kinds["R"] + kinds["AL"] > kinds["L"]


def _without_bullet(cell: list[TextLine]) -> list[TextLine]:
    """Leave out the mark of a list of one item: in a cell it says nothing."""
    if len(cell) != 1 or len(cell[0].words) < 2 or cell[0].words[0].text not in BULLETS:  # noqa: PLR2004
        return cell
    return [replace(cell[0], words=cell[0].words[1:])]
