"""A serial number written as a date, a time of day or a span, by the tokens of its format."""

import datetime as dt
from collections.abc import Sequence

from ingest.parse.office.cells.format_tokens import FormatToken

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = 3
_EPOCH = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a date of a sheet has no time zone
_DAY = 86_400
_LAST_SERIAL = 2_958_466
"""The first day of the year 10000, which no spreadsheet shows."""
_DAYS_TO_1904 = 1_462
_LEAP_DAY = 60
"""29 February 1900, which never was and has a number."""
_BUDDHIST = 543
_NOON = 12
_OWN_FIELDS = "ymdhs"
"""Letters that make a format a date's; an era or a weekday's name goes with them."""


def is_date(tokens: Sequence[FormatToken]) -> bool:
    """Tell whether a section shows a date, a time or a span of time."""
    kinds = {token.kind for token in tokens}
    has_field = "elapsed" in kinds or any(
        token.kind == "date" and token.text[0] in _OWN_FIELDS for token in tokens
    )
    return has_field and not kinds & {"general", "exponent", "text"}


def write_date(value: float, tokens: Sequence[FormatToken], *, epoch_1904: bool) -> str | None:
    """Return a serial number as the tokens show it; None where it is no date that can be."""
    marks = _marked(tokens)
    decimals = max((len(text) for kind, text in marks if kind == "fraction"), default=0)
    is_span = any(kind == "elapsed" for kind, _ in marks)
    ticks = round(abs(value) * _DAY * 10**decimals) if abs(value) < _LAST_SERIAL else None
    if ticks is None or (value < 0 and not is_span):
        return None
    moment = _moment(ticks // 10**decimals, epoch_1904=epoch_1904)
    if moment is None:
        return None
    fraction = f"{ticks % 10**decimals:0{decimals}d}" if decimals else ""
    has_halves = any(kind == "half" for kind, _ in marks)
    seconds = ticks // 10**decimals
    fields = [
        _shown(kind, text, moment, seconds, fraction, has_halves=has_halves) for kind, text in marks
    ]
    return "-" * (value < 0) + "".join(fields)


def _moment(seconds: int, *, epoch_1904: bool) -> dt.datetime | None:
    days, rest = divmod(seconds, _DAY)
    if epoch_1904:
        days += _DAYS_TO_1904
    if days < _LEAP_DAY and not epoch_1904:
        days += 1
    try:
        return _EPOCH + dt.timedelta(days=days, seconds=rest)
    except OverflowError:
        return None


def _marked(tokens: Sequence[FormatToken]) -> list[tuple[str, str]]:
    """Return kinds and letters, with minutes told from months and fractions of a second found."""
    marks: list[tuple[str, str]] = []
    at = 0
    while at < len(tokens):
        kind, text = tokens[at]
        if kind == "point" and at + 1 < len(tokens) and tokens[at + 1] == ("digit", "0"):
            zeros = 0
            while at + 1 + zeros < len(tokens) and tokens[at + 1 + zeros] == ("digit", "0"):
                zeros += 1
            marks.append(("fraction", "0" * zeros))
            at += 1 + zeros
            continue
        marks.append((kind, text))
        at += 1
    return _with_minutes(marks)


def _with_minutes(marks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Rename an ``m`` after hours, or before seconds, to a minute."""
    clock = [at for at, (kind, _) in enumerate(marks) if kind in {"date", "elapsed"}]
    renamed = list(marks)
    for order, at in enumerate(clock):
        kind, text = marks[at]
        if kind != "date" or text[0] != "m" or len(text) > 2:  # noqa: PLR2004 - mmm is a month
            continue
        before = marks[clock[order - 1]][1][0] if order else ""
        after = marks[clock[order + 1]][1][0] if order + 1 < len(clock) else ""
        if before == "h" or after == "s":
            renamed[at] = ("minute", text)
    return renamed


def _shown(
    kind: str, text: str, moment: dt.datetime, seconds: int, fraction: str, *, has_halves: bool
) -> str:
    if kind == "date":
        return _date_field(text, moment, has_halves=has_halves)
    if kind == "minute":
        return f"{moment.minute:0{min(len(text), 2)}d}"
    if kind == "elapsed":
        unit = {"h": 3600, "m": 60, "s": 1}[text[0]]
        return f"{seconds // unit:0{len(text)}d}"
    if kind == "half":
        early, late = text.split("/")
        return early if moment.hour < _NOON else late
    if kind == "fraction":
        return f".{fraction[: len(text)]}"
    return text


def _date_field(text: str, moment: dt.datetime, *, has_halves: bool) -> str:
    letter, length = text[0], len(text)
    hour = (moment.hour - 1) % _NOON + 1 if has_halves else moment.hour
    fields = {
        "y": lambda: _year(moment.year, length),
        "e": lambda: _year(moment.year, _SHORT),
        "b": lambda: _year(moment.year + _BUDDHIST, length),
        "m": lambda: _named(_MONTHS[moment.month - 1], moment.month, length),
        "d": lambda: _named(_WEEKDAYS[moment.weekday()], moment.day, length),
        "a": lambda: _named(_WEEKDAYS[moment.weekday()], moment.day, length),
        "h": lambda: f"{hour:0{min(length, 2)}d}",
        "s": lambda: f"{moment.second:0{min(length, 2)}d}",
    }
    return fields[letter]() if letter in fields else ""  # g, an era


def _year(year: int, length: int) -> str:
    return f"{year:04d}" if length >= _SHORT else f"{year % 100:02d}"


def _named(name: str, number: int, length: int) -> str:
    if length < _SHORT:
        return f"{number:0{length}d}"
    if length == _SHORT:
        return name[:_SHORT]
    return name if length == _SHORT + 1 else name[0]
