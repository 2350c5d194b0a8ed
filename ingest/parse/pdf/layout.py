"""Lines of a paged document to pieces: hyphens mended, headings found, running lines left out."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from unicodedata import bidirectional

from ingest.parse.common.document_builder import CELL_GAP, Place, TextPiece
from ingest.parse.pdf.columns import arrange_lines
from ingest.parse.pdf.lines import BULLETS, TextLine, paragraphs
from ingest.parse.pdf.ruled_tables import RuledTable, RulingLine, grids
from ingest.parse.pdf.text_layer import PageText
from ingest.types import BlockKind  # noqa: TC001

_MOST_LEVELS = 6
_LONGEST_HEADING = 250
"""In characters."""
_EDGE_LINES = 2
"""A running header or footer is among this many lines at the top or bottom of a page."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_HYPHENS = "-\u00ad\u2010"
_KEEP = frozenset({"self", "non", "well", "cross", "half", "ex", "quasi", "high", "low", "long"})
"""Word beginnings that usually keep their hyphen, where the document itself does not tell."""


def pieces_of_pages(pages: Sequence[PageText]) -> list[TextPiece]:
    """Return the document's pieces, in the order of pages and lines."""
    body_lines = _without_running_lines([page.lines for page in pages])
    items = [
        item
        for lines, page in zip(body_lines, pages, strict=True)
        for item in _items(lines, page.rules)
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
    return pieces


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


def _without_running_lines(pages: Sequence[Sequence[TextLine]]) -> list[list[TextLine]]:
    """Keep the first of each header, footer and page number; the others only cut sentences."""
    counts = Counter(key for lines in pages for key in {_key(line) for line in _edges(lines)})
    running = {key for key, count in counts.items() if count >= max(3, 0.4 * len(pages))}
    shown_keys: set[str] = set()
    pages_lines: list[list[TextLine]] = []
    for lines in pages:
        dropped_lines = []
        for line in _edges(lines):
            key = _key(line)
            if key in running and key in shown_keys:
                dropped_lines.append(id(line))
            shown_keys.add(key)
        pages_lines.append([line for line in lines if id(line) not in dropped_lines])
    return pages_lines


def _edges(lines: Sequence[TextLine]) -> list[TextLine]:
    if len(lines) <= 2 * _EDGE_LINES:
        return []
    return [line for line in (*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]) if line.in_margin]


def _key(line: TextLine) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())


def _across_pages(groups: Iterable[Group]) -> list[Group]:
    """Join a paragraph that a page break cut in the middle of a sentence."""
    whole_groups: list[Group] = []
    for group in groups:
        before = whole_groups[-1] if whole_groups else None
        if isinstance(group, RuledTable):
            whole_groups.append(group)
        elif isinstance(before, list) and _is_cut_by_page(before[-1], group[0]):
            before.extend(group)
        else:
            whole_groups.append(list(group))
    return whole_groups


def _is_cut_by_page(before: TextLine, after: TextLine) -> bool:
    if before.frame.number + 1 != after.frame.number:
        return False
    has_same_font = abs(before.size - after.size) < 0.1 * after.size and before.bold == after.bold
    unfinished = before.hyphenated or not before.ends_sentence
    return has_same_font and unfinished and after.text[:1].islower()


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
