"""A cell's number as its format shows it: ``0.075`` with ``0.0%`` is ``7.5%``.

The codes are those of spreadsheets (ECMA-376-1, 18.8.30 and 18.8.31). A code is split once into its
sections and tokens; a value is written by the section that is for it. Decimal and thousands signs
are the English ones: a file does not say what its reader's machine shows.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from ingest.parse.office.cells.date_formats import is_date, write_date
from ingest.parse.office.cells.digits import write_number
from ingest.parse.office.cells.format_tokens import FormatToken, tokens_of

GENERAL = "General"
_LONGEST_CODE = 255
"""Characters of a code that spreadsheets allow."""
_SECTION = re.compile(r'(?:"[^"]*"?|\\.|\[[^\]]*\]?|[_*].|[^;"\\\[])*', re.DOTALL)
_BRACKETS = re.compile(r"\[([^\]]*)\]")
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_GENERAL = re.compile(r"general|standard", re.IGNORECASE)
_CURRENCY = re.compile(r"\$([^-]*)")
_MOST_SECTIONS = 4
_TEXT_SECTION = 3
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a date of a sheet has no time zone
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001 - the same
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound,
    "<>": lambda value, bound: value != bound,
}


class _Condition(NamedTuple):
    sign: str
    bound: float

    def holds(self, value: float) -> bool:
        return _COMPARISONS[self.sign](value, self.bound)


@dataclass(frozen=True, slots=True)
class _Section:
    """One of up to four codes that a format has for positive, negative, zero and text."""

    tokens: tuple[FormatToken, ...]
    condition: _Condition | None
    is_date: bool
    is_general: bool
    is_text: bool
    """It shows what is in the cell, as it is."""

    @property
    def is_empty(self) -> bool:
        """Tell whether it shows nothing at all."""
        return not self.tokens


def show(value: object, code: str | None, *, epoch_1904: bool = False) -> str:
    """Return a value as a spreadsheet shows it with this format; dates are serial numbers.

    A code that cannot be read leaves the value as it is.
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    number_code = code or GENERAL
    if isinstance(value, (int, float)):
        if number_code == GENERAL or len(number_code) > _LONGEST_CODE:
            return general(value)
        return _one_line(_show_number(value, number_code, epoch_1904=epoch_1904))
    text = "" if value is None else str(value)
    if not text or number_code in {GENERAL, "@"} or len(number_code) > _LONGEST_CODE:
        return _one_line(text)
    return _one_line(_show_text(text, number_code))


def general(value: float) -> str:
    """Return a number without a format: up to fifteen digits, as spreadsheets keep them."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def is_date_code(code: str | None) -> bool:
    """Tell whether the first section of a format shows a date or a time."""
    if not code or code == GENERAL or len(code) > _LONGEST_CODE:
        return False
    return _sections(code)[0].is_date


def hides_everything(code: str | None) -> bool:
    """Tell whether a format such as ``;;;`` shows nothing of any value."""
    if not code or ";" not in code or len(code) > _LONGEST_CODE:
        return False
    sections = _sections(code)
    return len(sections) >= _TEXT_SECTION and all(section.is_empty for section in sections)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _show_text(text: str, code: str) -> str:
    sections = _sections(code)
    section = sections[_TEXT_SECTION] if len(sections) > _TEXT_SECTION else sections[-1]
    if len(sections) <= _TEXT_SECTION and not section.is_text:
        return text
    return "".join(
        text if token.kind == "text" else token.text
        for token in section.tokens
        if token.kind in {"text", "literal"}
    )


def _show_number(value: float, code: str, *, epoch_1904: bool) -> str:
    sections = _sections(code)[:_TEXT_SECTION]
    section, is_negative = _section_for(value, sections)
    if section.is_empty:
        return "" if len(sections) > 1 else general(value)
    if section.is_text:
        return _show_text(general(value), code)
    if section.is_date:
        return write_date(value, section.tokens, epoch_1904=epoch_1904) or general(value)
    sign = "-" if is_negative else ""
    if section.is_general:
        number_text = general(abs(value))
        return sign + "".join(
            number_text if token.kind == "general" else token.text for token in section.tokens
        )
    return sign + write_number(abs(value), section.tokens)


def _section_for(value: float, sections: list[_Section]) -> tuple[_Section, bool]:
    """Return the section that a number is shown by, and whether a minus goes before it."""
    is_negative = value < 0
    if any(section.condition for section in sections):
        for section in sections:
            condition = section.condition
            if condition is None or condition.holds(value):
                is_for_negatives = (
                    condition is not None and condition.sign in {"<", "<="} and condition.bound <= 0
                )
                return section, is_negative and not is_for_negatives
        return sections[-1], is_negative
    if len(sections) > 1 and is_negative:
        return sections[1], False
    if len(sections) > 2 and value == 0:  # noqa: PLR2004 - the third is for zero
        return sections[2], False
    return sections[0], is_negative


@lru_cache(maxsize=1000)
def _sections(code: str) -> list[_Section]:
    texts: list[str] = []
    position = 0
    while len(texts) < _MOST_SECTIONS:
        match = _SECTION.match(code, position)
        texts.append(match.group() if match else "")
        position = match.end() + 1 if match else len(code) + 1
        if position > len(code):
            break
    return [_section(text) for text in texts]


def _section(text: str) -> _Section:
    condition = None
    for content in _BRACKETS.findall(text):
        if match := _CONDITION.fullmatch(content.strip()):
            condition = _Condition(match.group(1), float(match.group(2)))
    tokens = tuple(tokens_of(text))
    kinds = {token.kind for token in tokens}
    return _Section(
        tokens,
        condition,
        is_date=is_date(tokens),
        is_general="general" in kinds,
        is_text="text" in kinds,
    )


def serial_of(value: dt.datetime | dt.date | dt.time | dt.timedelta, *, epoch_1904: bool) -> float:
    """Return the serial number of a date, a time or a span: days since the workbook's epoch."""
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(days=1)
    if isinstance(value, dt.time):
        return (value.hour * 3600 + value.minute * 60 + value.second) / 86400 + (
            value.microsecond / 86_400_000_000
        )
    moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    epoch = _EPOCH_1904 if epoch_1904 else _EPOCH
    days = (moment.replace(tzinfo=None) - epoch) / dt.timedelta(days=1)
    is_before_leap_day = not epoch_1904 and days < 61  # noqa: PLR2004 - 1900 counts as a leap year
    return days - 1 if is_before_leap_day else days
