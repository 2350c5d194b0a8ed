"""Which role each sentence or line of a passage has: some answer, some only lead to answers."""

import re
from collections.abc import Collection, Sequence
from enum import StrEnum

from generate.quoting.code_listing import ListingUnit
from index.text.table_headers import CELL_GAP, is_caption, is_unit_line, joined_header

_HEADING_WORDS = 12
"""A line with more words is no heading."""
_STOPS = ".!?\u2026\u3002\uff01\uff1f\u061f\u0964:;,\uff1a"
_QUESTION = re.compile(r"[?\uff1f\u061f][\"'\u201d\u2019)\u00bb]*$")
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|chart|photo|plate|abb(?:ildung|\.)|tabelle|tab\.|foto|tablo|\u015fekil)"
    r"\s\d+(?:\.\d+)*\s?[:.\u2013-]|[\u56fe\u8868]\s?\d+",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"(?:all rights reserved|copyright (?:\u00a9|\(c\)|\d{4})|\u00a9 ?\d{4}|page \d+ (?:of|/) \d+$"
    r"|table of contents$|contents$|skip to (?:main )?content|(?:click|tap) here"
    r"|read more\b|back to top|we use cookies|subscribe to our newsletter"
    r"|share this (?:page|article)"
    r"|alle rechte vorbehalten|t\u00fcm haklar\u0131 sakl\u0131d\u0131r|\u7248\u6743\u6240\u6709)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


class Role(StrEnum):
    """The role of a sentence or a line in its text."""

    SENTENCE = "sentence"
    LINE = "line"
    """Of code or settings."""
    ROW = "row"
    HEADER = "header"
    """The first row of a table; the second, too, where the first groups columns."""
    HEADING = "heading"
    QUESTION = "question"
    LABEL = "label"
    """It leads to what follows: an introduction that ends with a colon, a caption."""
    BOILERPLATE = "boilerplate"

    @property
    def is_answer(self) -> bool:
        """Tell whether such words can answer a question."""
        return self in (Role.SENTENCE, Role.LINE, Role.ROW)

    @property
    def is_heading(self) -> bool:
        """Tell whether what follows stands under it."""
        return self in (Role.HEADING, Role.QUESTION)


def roles(
    text: str,
    units: Sequence[ListingUnit],
    headings: Collection[str],
    *,
    begins_within_table: bool = False,
) -> list[Role]:
    """Return the role of each unit of a text; ``headings`` are those that are known."""
    plain_headings = frozenset(_plain(heading) for heading in headings)
    unit_roles: list[Role] = []
    for place, unit in enumerate(units):
        following = units[place + 1] if place + 1 < len(units) else None
        after_row = _goes_on(text, units, place) or (place == 0 and begins_within_table)
        role = _role(text, unit, following, plain_headings, after_row=after_row)
        if place and unit_roles[-1] is Role.HEADER:
            lines = [_line(text, each) for each in units[place - 1 : place + 1]]
            role = Role.HEADER if joined_header(*lines) else role
        unit_roles.append(role)
    return unit_roles


def _goes_on(text: str, units: Sequence[ListingUnit], place: int) -> bool:
    """Tell whether the unit stands directly below a row of a table."""
    if place == 0:
        return False
    before = units[place - 1]
    is_near = "\n\n" not in text[before.end : units[place].start]
    return is_near and _is_row(_words(text, before))


def _role(
    text: str,
    unit: ListingUnit,
    following: ListingUnit | None,
    plain_headings: frozenset[str],
    *,
    after_row: bool,
) -> Role:
    words = text[unit.start : unit.end]
    if unit.line:
        return Role.QUESTION if _QUESTION.search(words) else Role.LINE
    if _is_row(words):
        leads = not after_row and following is not None and _is_row(_words(text, following))
        return Role.HEADER if leads else Role.ROW
    if _plain(words) in plain_headings:
        return Role.HEADING
    role = _role_of_words(words)
    if role is Role.SENTENCE and following is not None and _is_title_row(text, unit, following):
        return Role.LABEL
    is_heading = role is Role.SENTENCE and _is_heading(text, unit, following)
    return Role.HEADING if is_heading else role


def _role_of_words(words: str) -> Role:
    """Return the role that the words alone show."""
    if _QUESTION.search(words):
        return Role.QUESTION
    if _BOILERPLATE.match(words):
        return Role.BOILERPLATE
    if words.endswith((":", "\uff1a")) or _CAPTION.match(words) or is_unit_line(words):
        return Role.LABEL
    return Role.SENTENCE


def _is_heading(text: str, unit: ListingUnit, following: ListingUnit | None) -> bool:
    """Tell whether a short line without a full stop stands alone above running text or a table."""
    words = text[unit.start : unit.end]
    if following is None or "\n" in words or words.endswith(tuple(_STOPS)):
        return False
    if len(words.split()) > _HEADING_WORDS or not words[:1].isalnum() or words[:1].islower():
        return False
    stands_alone = (
        _is_blank_line(text[: unit.start][-2:]) and text[unit.end : unit.end + 2] == "\n\n"
    )
    return stands_alone and _leads_to(_words(text, following))


def _is_title_row(text: str, unit: ListingUnit, following: ListingUnit) -> bool:
    """Tell whether a line is the caption of the table that begins directly below it."""
    gap = text[unit.end : following.start]
    return "\n\n" not in gap and _is_row(_words(text, following)) and is_caption(_words(text, unit))


def _is_row(words: str) -> bool:
    return CELL_GAP in f" {words} "


def _line(text: str, unit: ListingUnit) -> str:
    return _SPACE.sub(" ", _words(text, unit))


def _is_blank_line(before: str) -> bool:
    return before in ("", "\n\n")


def _leads_to(words: str) -> bool:
    return words.endswith(tuple(_STOPS)) or _is_row(words)


def _words(text: str, unit: ListingUnit) -> str:
    return text[unit.start : unit.end]


def _plain(words: str) -> str:
    return _SPACE.sub(" ", words).strip().rstrip(":").casefold()
