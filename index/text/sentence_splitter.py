"""Where sentences begin and end, by rules: no model, no language to declare.

A full stop ends a sentence when white space and no small letter follow, and when it does not
belong to an abbreviation, an initial or a number. Full stops of Chinese and Japanese need no
white space. An empty line ends a sentence, and so does a line that begins a list item. A row of a
table is one sentence, whatever full stops stand in its cells.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

_INDENT = 20
"""How far a list item's number may be indented, in characters."""

Span = tuple[int, int]
"""Start and end in Unicode code points."""

_CLOSING = "\"'\u2019\u201d\u00bb)\\]\u300d\u300f\uff09\u3011"
_STOP = ".!?\u2026\u0964\u061f\u06d4"
_END = re.compile(
    rf"""
    (?P<wide>[\u3002\uff01\uff1f\uff61]+[{_CLOSING}]*)            # CJK: no white space needed
    | (?P<note>(?<=[a-z)])\.\d{{1,3}}(?:[,\u2013-]\s?\d{{1,3}})*(?=\s+[A-Z]))  # text.12,13 Next
    | (?P<stop>(?<![{_STOP}])[{_STOP}]++(?:[{_CLOSING}]|\[[\d,\s\u2013-]{{1,12}}\])*(?=\s))
    | (?P<gap>\n[^\S\n]*\n)                                       # an empty line
    | (?P<item>\n(?=[^\S\n]*(?:[-*+\u2022\u25aa\u25cf\u2013]|\(?\d{{1,3}}[.)]|\(?[a-z]\))\s))
    | (?P<row>(?<=\|)[^\n|]*\n|\n(?=[^\n|]*\ \|\ ))               # a row of a table
    """,
    re.VERBOSE,
)
_CELLS = " | "
_INSIDE_A_LINE = frozenset({"wide", "note", "stop"})
"""Ends that a row of a table goes on behind."""
_LONGEST_ROW = 2000
"""Characters; a longer line with bars is cut like running text."""

_WORD_BEFORE = re.compile(r"[^\s(\[\"'\u201c\u2018\u00ab]*$")
_NEXT_WORD = re.compile(
    r"\s*[\"'\u201c\u2018\u00ab(\[\u00bf\u00a1]*([^\s,.;:!?)\]\"'\u201d\u2019]*)"
)


def _words(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


_NEVER_LAST = _words(
    "mr mrs ms dr prof rev hon gen sen rep gov capt lt col sgt cmdr messrs mme mlle sr sra st "
    "vs e.g i.e eg ie cf al viz approx ca resp incl esp z.b d.h bzw u.a dt "
    "spp subsp var"
)
"""Abbreviations that something always follows."""

_NUMBERED = _words(
    "no nos fig figs eq eqs sec sect ch chap vol vols p pp ref refs tab art arts para paras nr bd "
    "ver v lib op cap ex app suppl"
)
"""Abbreviations when a number follows, and words otherwise."""

_SOMETIMES_LAST = _words(
    "inc ltd co corp llc plc bros dept univ assn jr etc jan feb mar apr jun jul aug sep sept oct "
    "nov dec mon tue wed thu fri sat sun a.m p.m ph.d m.d b.a m.a b.sc m.sc est ed eds"
)
"""Abbreviations that may close a sentence: then a word that likes to open one follows."""

_OPENERS = _words(
    "the this that these those a an in on at by for from with to we our i he she it its they their "
    "you his her there here however moreover furthermore therefore thus hence although though "
    "while when where after before during since because if as but and or so not no yes both all "
    "some many most each one two another other such what who why how which conclusion results "
    "methods background objective"
)
"""Words that often open an English sentence, written with a capital."""


def split_sentences(text: str) -> list[Span]:
    """Return the spans of the sentences, in order, without the white space between them.

    Spans are code points into ``text``; together they hold every character that is not white
    space.
    """
    spans: list[Span] = []
    start = 0
    for end in _ends(text):
        _append_trimmed(spans, text, start, end)
        start = end
    _append_trimmed(spans, text, start, len(text))
    return spans


def _ends(text: str) -> Iterator[int]:
    start = 0
    rows = table_rows(text)
    starts = [row[0] for row in rows]
    for match in _END.finditer(text):
        if match.lastgroup == "stop" and not _is_end(text, start, match):
            continue
        if rows and match.lastgroup in _INSIDE_A_LINE and _is_inside(match.start(), rows, starts):
            continue
        start = match.end()
        yield start


def table_rows(text: str) -> list[Span]:
    """Return the spans of the lines that are rows of a table: cells with a bar between them."""
    if _CELLS not in text:
        return []
    rows = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if _CELLS in line and len(line) <= _LONGEST_ROW:
            rows.append((start, end))
        start = end + 1
    return rows


def _is_inside(position: int, rows: list[Span], starts: list[int]) -> bool:
    """Tell whether something stands in a row and does not end it."""
    row = bisect_right(starts, position) - 1
    return row >= 0 and position < rows[row][1]


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    following = _NEXT_WORD.match(text, match.end())
    after = following.group(1) if following else ""
    if after[:1].islower():
        return False
    if match.group().rstrip(_CLOSING) != ".":
        return True
    word = _word_before(text, start, match.start())
    return not _is_abbreviation(word, after, opens_sentence=_only_spaces(text, start, match, word))


def _word_before(text: str, start: int, end: int) -> str:
    match = _WORD_BEFORE.search(text[max(start, end - 40) : end])
    return match.group() if match else ""


def _only_spaces(text: str, start: int, match: re.Match[str], word: str) -> bool:
    before = match.start() - len(word)
    return before - start < _INDENT and not text[start:before].strip()


def _is_abbreviation(word: str, after: str, *, opens_sentence: bool) -> bool:
    folded = word.casefold()
    if opens_sentence and re.fullmatch(r"\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]+", word):
        return True  # the number of a list item or a heading
    if folded in _NEVER_LAST:
        return True
    if folded in _NUMBERED:
        return bool(re.match(r"[A-Z]{0,2}\d|[IVXLC]+$", after))
    may_close = (
        folded in _SOMETIMES_LAST
        or re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", word)  # U.S, J.K
        or re.fullmatch(r"[^\W\d_]", word) is not None  # an initial
    )
    return bool(may_close) and after.casefold() not in _OPENERS
