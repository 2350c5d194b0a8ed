"""Numbers and their units as values that can be compared: ``14,000`` is ``fourteen thousand``."""

import re
import unicodedata
from dataclasses import dataclass

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
MONTHS_IN_SHORT = {name[:3]: name for name in MONTHS} | {"sept": "september"}
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_WORDS = {word: number for number, word in enumerate(_SMALL.split())}
_WORDS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)} | {"dozen": 12}
_POSITIONS = {word: number for number, word in enumerate(_ORDINALS.split(), 1)}

_UNITS = {
    name: unit
    for unit, listed in {
        "km": "km kilometre kilometer",
        "m": "metre meter",
        "cm": "cm centimetre centimeter",
        "mm": "mm millimetre millimeter",
        "mile": "mile mi",
        "foot": "foot feet ft",
        "inch": "inch inche",
        "yard": "yard",
        "kg": "kg kilogram kilogramme kilo",
        "g": "g gram gramme",
        "mg": "mg milligram",
        "tonne": "tonne ton",
        "pound": "pound lb \u00a3 gbp",
        "litre": "litre liter",
        "ml": "ml millilitre milliliter",
        "gallon": "gallon",
        "second": "second sec",
        "minute": "minute min",
        "hour": "hour hr",
        "day": "day",
        "week": "week",
        "month": "month",
        "year": "year yr",
        "decade": "decade",
        "century": "century centurie",
        "percent": "percent % percentage",
        "dollar": "dollar $ usd",
        "euro": "euro \u20ac eur",
        "cent": "cent",
        "crown": "crown krona krone kronor kroner",
        "franc": "franc",
        "yen": "yen \u00a5",
        "degree": "degree \u00b0",
        "celsius": "celsius \u00b0c",
        "fahrenheit": "fahrenheit \u00b0f",
        "watt": "watt w",
        "kilowatt": "kilowatt kw",
        "megawatt": "megawatt mw",
        "byte": "byte",
        "kilobyte": "kilobyte kb",
        "megabyte": "megabyte mb",
        "gigabyte": "gigabyte gb",
        "terabyte": "terabyte tb",
    }.items()
    for name in listed.split()
}
_DIGITS = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_HUNDRED = 100
_COUNTED = re.compile(r"(\d+)(?:st|nd|rd|th)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a run of words."""

    value: float
    length: int
    """How many words it takes."""
    ordinal: bool = False


def number_at(words: list[str], position: int) -> Number | None:
    """Read the number that begins at a place, in digits or spelled out, scales multiplied in."""
    word = words[position].lower()
    if ordinal_match := _COUNTED.fullmatch(word):
        return Number(float(ordinal_match.group(1)), 1, ordinal=True)
    head = word.partition("-")[0]
    if head in _POSITIONS:  # "second", and "second" of "second-largest"
        return Number(float(_POSITIONS[head]), 1, ordinal=True)
    value = _value(word) or _value(head)
    if value is None:
        return None
    total, length = 0.0, 1
    while position + length < len(words):
        following = words[position + length].lower()
        skipped = 0
        if following == "and" and _joins_on(words, position + length):
            following, skipped = words[position + length + 1].lower(), 1
        if following in _SCALES and not skipped:
            value *= _SCALES[following]
            if _SCALES[following] > _HUNDRED and word in _WORDS:
                total, value = total + value, 0.0
        elif word in _WORDS and following in _WORDS and _fits(value, _WORDS[following]):
            value += _WORDS[following]
        else:
            break
        length += 1 + skipped
    return Number(total + value, length)


def _joins_on(words: list[str], position: int) -> bool:
    """Tell whether an "and" stands inside a number: one hundred and fifty."""
    return (
        words[position - 1].lower() in _SCALES
        and position + 1 < len(words)
        and words[position + 1].lower() in _WORDS
    )


def _fits(value: float, following: int) -> bool:
    """Tell whether a small number goes on: twenty one, one hundred fifty; not nineteen ninety."""
    tens = value % _HUNDRED
    if not tens:
        return value >= _HUNDRED or not value
    return following < 10 and tens >= 20 and not tens % 10  # noqa: PLR2004 - tens and ones


def unit_of(word: str) -> str | None:
    """Return the canonical name of a unit of measure, or none."""
    folded = word.lower().rstrip(".")
    return _UNITS.get(folded) or _UNITS.get(folded.removesuffix("s"))


def _value(word: str) -> float | None:
    if _DIGITS.fullmatch(word.removeprefix("-")):
        return float(word.replace(",", ""))
    values = [_WORDS.get(piece) for piece in word.split("-")]
    numbers = [piece for piece in values if piece is not None]
    return float(sum(numbers)) if len(numbers) == len(values) else None


_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u2009\u202f'\u2019]\d{3})+(?!\d)")
_DOTTED = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3}){2,}(?![\d.])|\d{1,3}(?:\.\d{3})+(?=,\d{1,2}(?!\d)))"
)
_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d{1,2})(?![\d,]|\.\d)")
_ISO_DATE = re.compile(r"(?<![\d-])(1\d{3}|20\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\d-])")
_DATE = re.compile(r"(?<![\d.])(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.(1\d{3}|20\d\d)(?![\d.])")
_MILLION = re.compile(r"(?<=[$\u20ac\u00a3])(\d+(?:\.\d+)?)\s?m(?:n|io)?\b", re.IGNORECASE)
_BILLION = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?bn\b", re.IGNORECASE)
_MONTHS = tuple(map(str.capitalize, MONTHS))


def in_plain_numbers(text: str) -> str:
    """Return the text with its numbers in one notation, so that equal ones look alike.

    Digits of other scripts, groups of three, a comma before decimals (German ``1.250,50``), a
    minus sign, dates such as ``2020-05-03`` and ``3.5.2020``, ``3.2bn``.
    """
    if not text.isascii():
        digits = {ord(c): str(unicodedata.decimal(c)) for c in set(text) if c.isdecimal()}
        text = text.translate(digits | {0x2212: "-"})
    text = _ISO_DATE.sub(lambda m: f"{int(m[3])} {_MONTHS[int(m[2]) - 1]} {m[1]}", text)
    text = _DATE.sub(lambda m: f"{int(m[1])} {_MONTHS[int(m[2]) - 1]} {m[3]}", text)
    text = _GROUPED.sub(lambda m: re.sub(r"\D", "", m[0]), text)
    text = _DOTTED.sub(lambda m: m[0].replace(".", ""), text)
    text = _COMMA.sub(r"\1.\2", text)
    return _BILLION.sub(r"\1 billion", _MILLION.sub(r"\1 million", text))
