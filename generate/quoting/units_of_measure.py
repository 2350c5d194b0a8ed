"""Units that a question asks for, and how texts write them."""

import re

_FAMILIES = (
    ("kilometres?|kilometers?", "km"),
    ("miles?", "mi"),
    ("metres?|meters?", "m"),
    ("centimetres?|centimeters?", "cm"),
    ("millimetres?|millimeters?", "mm"),
    ("feet|foot", "ft|'"),
    ("inch(?:es)?", 'in|"'),
    ("kilograms?|kilogrammes?|kilos?", "kg"),
    ("grams?|grammes?", "g"),
    ("milligrams?|milligrammes?", "mg"),
    ("tonnes?|tons?", "t"),
    ("ounces?", "oz"),
    ("litres?|liters?", "l"),
    ("millilitres?|milliliters?", "ml"),
    ("gallons?", "gal"),
    ("hectares?", "ha"),
    ("acres?", ""),
    ("celsius|centigrade", "\u00b0\\s?c"),
    ("fahrenheit", "\u00b0\\s?f"),
    ("kilowatts?", "kw"),
    ("megawatts?", "mw"),
    ("watts?", "w"),
    ("volts?", "v"),
    ("dollars?|usd", "\\$|us"),
    ("euros?|eur", "\u20ac"),
    ("pounds?|gbp|lbs?", "\u00a3|lb"),
    ("crowns?|kroner?|kronor", "kr|nok|sek|dkk|czk"),
    ("francs?|chf", "fr"),
    ("yen|jpy", "\u00a5"),
    ("percent|per\\scent|percentage", "%"),
)
_NAMED = [(re.compile(words, re.IGNORECASE), words, signs) for words, signs in _FAMILIES]
_ANY = "|".join(words for words, _ in _FAMILIES)
_ASKED = re.compile(rf"\b(?:how\smany|in(?:\s(?:us|british))?)\s({_ANY})(?!\w)", re.IGNORECASE)


def unit_asked_for(question: str) -> tuple[int, int, re.Pattern[str]] | None:
    """Return where the question names the unit of its answer, and what it looks like in a text."""
    unit_match = _ASKED.search(question)
    if unit_match is None:
        return None
    for name_pattern, words, signs in _NAMED:
        if name_pattern.fullmatch(unit_match.group(1)):
            sign = rf"|(?<![^\W\d_])(?:{signs})(?!\w)" if signs else ""
            return *unit_match.span(1), re.compile(rf"\b(?:{words})\b{sign}", re.IGNORECASE)
    return None
