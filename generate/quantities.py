"""Numbers and their units as values that can be compared: ``14,000`` is ``fourteen thousand``."""

import re
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
_COUNTED = re.compile(r"(\d+)(?:st|nd|rd|th)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands in a run of words."""

    value: float
    length: int
    """How many words it takes."""
    ordinal: bool = False


def number_at(words: list[str], place: int) -> Number | None:
    """Read the number that begins at a place, in digits or spelled out, scales multiplied in."""
    word = words[place].lower()
    if counted := _COUNTED.fullmatch(word):
        return Number(float(counted.group(1)), 1, ordinal=True)
    if word in _POSITIONS:
        return Number(float(_POSITIONS[word]), 1, ordinal=True)
    value = _value(word)
    if value is None:
        return None
    length = 1
    while place + length < len(words):
        following = words[place + length].lower()
        if following in _SCALES:
            value *= _SCALES[following]
        elif word in _WORDS and following in _WORDS and _WORDS[following] < 10 <= value % 100:  # noqa: PLR2004 - twenty one
            value += _WORDS[following]
        else:
            break
        length += 1
    return Number(value, length)


def unit_of(word: str) -> str | None:
    """Return the canonical name of a unit of measure, or none."""
    folded = word.lower().rstrip(".")
    return _UNITS.get(folded) or _UNITS.get(folded.removesuffix("s"))


def _value(word: str) -> float | None:
    if _DIGITS.fullmatch(word):
        return float(word.replace(",", ""))
    parts = [_WORDS.get(part) for part in word.split("-")]
    known = [part for part in parts if part is not None]
    return float(sum(known)) if len(known) == len(parts) else None
