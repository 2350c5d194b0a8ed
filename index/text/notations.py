"""The same thing written otherwise: codes, numbers, amounts, dates and times in one normal form.

``PPR9087`` and ``PPR-9087``, ``M8 x 40`` and ``M8x40``, ``1,250 euro`` and ``1250 EUR``,
``2026-03-15`` and ``15 March 2026`` share a term. Where a notation has two readings (``3/4/2026``,
``1.250``), both are given. A normal form is a function of the text alone, by rules.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from index.text.month_names import MONTH_NUMBER
from index.text.unit_names import UNIT_OF

_BETWEEN_WORDS = re.compile(r"[.,;:/()-]")
_CURRENCY = re.compile(r"[$\u20ac\u00a3\u00a5]|\b(?:eur|usd|gbp|chf|jpy)\b")
_DIGIT = re.compile(r"\d")
_MOMENT = re.compile(r"--|\d\d:")
_REACH = 3
"""Words before and after a number that may belong to it."""
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"}
_SIGNS = _DASHES | {ord("\u2019"): "'", ord("\u00d7"): "x", ord("\u2044"): "/", ord("\u066b"): "."}

_MONTH = "|".join(sorted(map(re.escape, MONTH_NUMBER), key=len, reverse=True))
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|\.|\u00ba|o)?"
_YEAR = r"(?P<year>(?:1[0-9]|20)\d\d)(?!\d|[.,]\d)"
_OF = r"[ ,-]{0,2}(?:of |de |del |d')?"
_NAMED_DATE = re.compile(
    rf"(?<![\w.,]){_DAY}{_OF}(?P<month>{_MONTH})\b\.?(?:{_OF}{_YEAR})?"
    rf"|\b(?P<month_2>{_MONTH})\b\.?(?: (?P<day_2>[0-3]?\d)(?:st|nd|rd|th)?(?![\w:%]|[.,]\d)"
    rf"(?:,? (?P<year_2>(?:1[0-9]|20)\d\d)(?!\d))?|{_OF}(?P<year_3>(?:1[0-9]|20)\d\d)(?!\d|[.,]\d))"
)
_YEAR_FIRST = re.compile(
    r"(?<![\w.,/-])(?P<year>1\d{3}|20\d\d)"
    r"(?:(?P<sign>[-/])(?P<month>0?[1-9]|1[0-2])(?:(?P=sign)(?P<day>[0-3]?\d))?"
    r"|\.(?P<month_2>0?[1-9]|1[0-2])\.(?P<day_2>[0-3]?\d)"
    r"|(?P<month_3>0[1-9]|1[0-2])(?P<day_3>[0-3]\d))(?=t\d|[^\w/-]|$)(?![.,]\d)"
)
_CJK_DATE = re.compile(
    r"(?P<year>\d{4})[\u5e74\ub144] ?(?P<month>\d{1,2})[\u6708\uc6d4] ?"
    r"(?:(?P<day>\d{1,2})[\u65e5\uc77c])?"
)
_YEAR_LAST = re.compile(
    r"(?<![\w.,/-])(\d{1,2})(?:(\. ?|[/-])(\d{1,2}))?(?:(?(2)\2|/))"
    r"(\d{4}|(?<=\d[./-])\d\d)(?![\w/-]|[.,]\d)"
)
_QUARTERS = {
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "1st": 1,
    "2nd": 2,
    "3rd": 3,
    "4th": 4,
}
_QUARTER = re.compile(
    r"\bq([1-4])[ /-]{0,2}(?:of )?(?:fy ?)?((?:19|20)\d\d)\b|\b((?:19|20)\d\d)[ /-]{0,2}q([1-4])\b"
    r"|\b(first|second|third|fourth|1st|2nd|3rd|4th) quarter,? (?:of )?((?:19|20)\d\d)\b"
)
_TIME = re.compile(
    r"(?<![\w.,:])(\d{1,2})(?=[:.h]\d\d| ?(?:[ap]\.?m|uhr|heures)\b)"
    r"(?:([:.h])(\d\d))?(?::\d\d)? ?"
    r"(?:(am|pm|a\.m|p\.m)\b|(uhr|heures)\b)?(?![\d:])"
)
_HOURS, _MINUTES, _NOON = 24, 60, 12
_MONTHS, _LONGEST_MONTH = 12, 31
_NO_CODE = frozenset([
    *["in", "of", "on", "at", "by", "for", "from", "with", "to", "the", "a", "an", "and", "or"],
    *["is", "was", "are", "since", "until", "about", "over", "page", "year", "x", *MONTH_NUMBER],
])  # fmt: skip
"""Words that a number follows and does not belong to."""

_NUMBER = (
    r"(?P<number>\d{1,3}(?:(?P<sign>[.,' ])\d{3})(?:(?P=sign)\d{3})*(?!\d)(?:[.,]\d+)?"
    r"|\d+(?:[.,]\d+)*)"
)
_FREE_NUMBER = re.compile(rf"(?<![\w.,:/-]){_NUMBER}(?![\w:/]|-\d|[.,]\d)")
_GROUPED = re.compile(
    r"(\d{1,3}(?:([.,' ])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?|(\d{1,2}(?:,\d\d)+,\d{3})()()"
)
_DECIMAL = re.compile(r"(\d+)[.,](\d+)")
_SCALES = {
    "thousand": 3, "tausend": 3, "mille": 3, "mil": 3, "million": 6, "millions": 6, "millionen": 6,
    "mio": 6, "mn": 6, "billion": 9, "billions": 9, "bn": 9, "mrd": 9, "milliarden": 9,
    "milliards": 9, "trillion": 12,
}  # fmt: skip
_SCALED = re.compile(
    rf"(?<![\w.,:/-]){_NUMBER} ?(?P<scale>{'|'.join(sorted(_SCALES, key=len, reverse=True))})\b"
)
_UNIT = "|".join(sorted(map(re.escape, UNIT_OF), key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?<![\w.,:/]){_NUMBER}[ -]?(?:degrees? )?"
    rf"(?P<unit>{_UNIT}|per cent|pour cent|por ciento)(?:s|en)?(?![\w$\u20ac\u00a3])"
)
_PRICE = re.compile(
    rf"(?:(?P<currency>us\$|[$\u20ac\u00a3\u00a5])|\b(?P<code>eur|usd|gbp|chf|jpy)) ?{_NUMBER}"
    r"(?![\w]|[.,]\d)"
)

_SIZE = re.compile(r"(?<![\w.])([a-z]?\d+(?:[.,]\d+)?)((?: ?[x*] ?\d+(?:[.,]\d+)?)+)(?!\d|[.,]\d)")
_CODE = re.compile(r"(?<![^\W_])[^\W_]+(?:[-/._:+][^\W_]+)+")
_SPACED_CODE = re.compile(r"(?<![\w-])([A-Za-z]{1,6})[ \u2116#]{1,2}(\d{2,}(?:[-/.]?\w+)*)(?!\w)")
_GROUPED_CODE = re.compile(r"(?<!\w)[a-z]{2}\d\d(?: [a-z\d]{4}){3,}(?: [a-z\d]{1,4})?(?!\w)")
_GROUPS_OF_DIGITS = re.compile(r"\d+(?:([-/._:])\d+)(?:\1\d+)+")
_VERSION = re.compile(r"v(\d+(?:\.\d+)+)")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_PHONE = re.compile(
    r"(?<![\w.,])(?:\+|0|\()[\d ()/.-]{6,22}\d(?!\w)|(?<![\w.,])\d{3}[-. ]\d{3}[-. ]\d{4}(?!\w)"
)
_SUBSCRIBER = 7
"""Last digits of a telephone number, which stay the same with any prefix."""
_ORDINALS = {
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
    "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
    "11th": "eleventh", "12th": "twelfth",
}  # fmt: skip
_ORDINAL = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)\b")


def notation_terms(text: str) -> list[str]:
    """Return the normal form of each code, number, amount, date and time, each form once."""
    if not _DIGIT.search(text):
        return []
    normal = _near_digits(unicodedata.normalize("NFKC", text))
    forms = [*_spaced_codes(normal)]
    rest = normal.lower()
    words = set(_BETWEEN_WORDS.sub(" ", rest).split())
    for hints, pattern, read_match in _DATES:
        if not hints or not words.isdisjoint(hints):
            forms += (form for match in pattern.finditer(rest) for form in read_match(match))
    rest = _YEAR_LAST.sub(" ", _YEAR_FIRST.sub(" ", rest))
    for read_forms in (_numbers, _amounts, _prices, _codes, _spaced_groups):
        forms += read_forms(rest)
    if not words.isdisjoint(_SCALES):
        forms += _scaled(rest)
    return list(dict.fromkeys(forms))


def moments(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Yield where a text names a day or a time, with each reading: ``--03-15``, ``14:30``."""
    plain = text.translate(_SIGNS).lower()
    if len(plain) != len(text) or not _DIGIT.search(plain):
        return
    for _, pattern, read_match in _DATES:
        for match in pattern.finditer(plain):
            readings = frozenset(form for form in read_match(match) if _MOMENT.match(form))
            if readings:
                yield *match.span(), readings


def _near_digits(text: str) -> str:
    """Return the words around those with a digit, a line for each run: all that a notation has."""
    words = text.split()
    runs: list[str] = []
    begin = end = 0
    for position in (at for at, word in enumerate(words) if _DIGIT.search(word)):
        if position - _REACH > end:
            runs.append(" ".join(words[begin:end]))
            begin = position - _REACH
        end = position + _REACH + 1
    runs.append(" ".join(words[begin:end]))
    return "\n".join(runs).translate(_SIGNS)


def _date(year: str | None, month: int, day: str | None) -> Iterator[str]:
    """Give a date in ISO form, and its month or its day of the year where both are known."""
    if not 1 <= month <= _MONTHS or not 0 <= int(day or 1) <= _LONGEST_MONTH:
        return
    if year and len(year) == len("26"):
        year = f"20{year}"
    if year and day:
        yield f"{year}-{month:02}-{int(day):02}"
    if day:
        yield f"--{month:02}-{int(day):02}"
    elif year:
        yield f"{year}-{month:02}"


def _named_date(match: re.Match[str]) -> Iterator[str]:
    part = match.groupdict()
    month = MONTH_NUMBER[part["month"] or part["month_2"]]
    yield from _date(
        part["year"] or part["year_2"] or part["year_3"], month, part["day"] or part["day_2"]
    )


def _year_first(match: re.Match[str]) -> Iterator[str]:
    part = {name: value for name, value in match.groupdict().items() if value}
    year, month, day = (
        next((value for name, value in part.items() if name.startswith(kind)), None)
        for kind in ("year", "month", "day")
    )
    yield from _date(year, int(month or 0), day)


def _year_last(match: re.Match[str]) -> Iterator[str]:
    first, sign, second, year = match.groups()
    if not second:
        yield from _date(year, int(first), None)
        return
    yield from _date(year, int(second), first)
    if not sign.startswith("."):  # with dots, the day comes first everywhere
        yield from _date(year, int(first), second)


def _quarter(match: re.Match[str]) -> Iterator[str]:
    number, year, year_2, number_2, word, year_3 = match.groups()
    yield f"{year or year_2 or year_3}-q{number or number_2 or _QUARTERS[word]}"


def _time(match: re.Match[str]) -> Iterator[str]:
    hour, sign, minute, half, word = match.groups()
    is_time = half or word or (sign in (":", "h") and minute)
    if not is_time or int(hour) >= _HOURS or int(minute or 0) >= _MINUTES:
        return
    hours = int(hour) % _NOON + (_NOON if half[0] == "p" else 0) if half else int(hour)
    yield f"{hours:02}:{minute or '00'}"


_DATES: tuple[
    tuple[Collection[str], re.Pattern[str], Callable[[re.Match[str]], Iterator[str]]], ...
] = (
    (MONTH_NUMBER, _NAMED_DATE, _named_date),
    ((), _YEAR_FIRST, _year_first),
    ((), _YEAR_LAST, _year_last),
    ((), _CJK_DATE, _year_first),
    (("quarter", "q1", "q2", "q3", "q4"), _QUARTER, _quarter),
    ((), _TIME, _time),
)
"""Words of which a text has one where a notation stands in it, the notation, and its reader."""


def _readings(number: str) -> Iterator[str]:
    """Give a number without separators of thousands, and with a point before its decimals."""
    grouped = _GROUPED.fullmatch(number)
    if grouped:
        whole = re.sub(r"\D", "", grouped[1] or grouped[4])
        yield _without_empty_zeros(whole, grouped[3] or "")
    decimal = _DECIMAL.fullmatch(number)
    if decimal:
        yield _without_empty_zeros(*decimal.groups())
        if not grouped:
            yield ".".join(decimal.groups())
    elif not grouped and number.isdigit():
        yield _without_empty_zeros(number, "")
    elif not grouped:
        yield number


def _without_empty_zeros(whole: str, decimals: str) -> str:
    head, tail = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{head}.{tail}" if tail else head


def _numbers(text: str) -> Iterator[str]:
    for match in _FREE_NUMBER.finditer(text):
        number = match.group()
        if not number.isdigit() or number[0] == "0":  # others are words of the text already
            yield from _readings(number)
    for match in _ORDINAL.finditer(text):
        if match.group() in _ORDINALS:
            yield _ORDINALS[match.group()]


def _scaled(text: str) -> Iterator[str]:
    for match in _SCALED.finditer(text):
        for number in _readings(match["number"]):
            with suppress(InvalidOperation):
                yield f"{Decimal(number).scaleb(_SCALES[match['scale']]).normalize():f}"


def _amounts(text: str) -> Iterator[str]:
    for match in _AMOUNT.finditer(text):
        unit = UNIT_OF.get(match["unit"], "%")
        yield from (f"{number}{unit}" for number in _readings(match["number"]))


def _prices(text: str) -> Iterator[str]:
    if not _CURRENCY.search(text):
        return
    for match in _PRICE.finditer(text):
        unit = UNIT_OF[match["currency"] or match["code"]]
        yield from (
            form for number in _readings(match["number"]) for form in (number, f"{number}{unit}")
        )


def _codes(text: str) -> Iterator[str]:
    for match in _SIZE.finditer(text):
        yield re.sub(r"[ *]+", "", match.group().replace("*", "x"))
    for match in _CODE.finditer(text):
        yield from _code(match.group())


def _spaced_groups(text: str) -> Iterator[str]:
    """Give account and telephone numbers, whose digits stand in groups."""
    for match in _GROUPED_CODE.finditer(text):
        yield match.group().replace(" ", "")
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= _SUBSCRIBER:
            yield from (digits, f"tel{digits[-_SUBSCRIBER:]}")


def _code(code: str) -> Iterator[str]:
    """Give a code without the signs in it, and without zeros before its numbers."""
    if not _DIGIT.search(code) or re.fullmatch(r"\d+[.,:]\d+", code):
        return
    if version := _VERSION.fullmatch(code):
        yield version[1]
    without_signs = re.sub(r"[\W_]", "", code)
    if not without_signs.isdigit():
        yield from (without_signs, re.sub(r"[\W_]", "", _ZEROS.sub("", code)))
    elif _GROUPS_OF_DIGITS.fullmatch(code):
        yield without_signs


def _spaced_codes(text: str) -> Iterator[str]:
    """Give codes that are written with a space: ``PPR 9087``; letters are capitals or all small."""
    for match in _SPACED_CODE.finditer(text):
        letters, rest = match.groups()
        if (letters[0].isupper() or text.islower()) and letters.lower() not in _NO_CODE:
            yield from (f"{letters}{part}".lower() for part in {rest, re.sub(r"[\W_]", "", rest)})
