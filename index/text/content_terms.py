"""Find a sentence's content terms, names, numbers and negation, by rules and without a model."""

import re

from index.text.analyzer import analyse

_FUNCTION = frozenset(
    analyse(
        "what which who whom whose when where why how much many did do does has have had were been "
        "being would could can may should you your me my we our us its his her he she them about "
        "from also than more most other some any i im so very just"
    )
)
"""Terms that say how a question is asked, not what it is about."""

WORD = re.compile(r"\w[\w'\u2019-]*")
_NAME = re.compile(r"(?<!^)(?<![.!?:\n]\s)(?<![\"'(\u201c])\b[A-Z][\w'\u2019-]*\w")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_HEADLINE = 0.7
"""A text with a larger share of capitalised long words is a headline: capitals say nothing."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")
_NEGATION = re.compile(
    r"n['\u2019]t\b|\b(?:not|no|never|none|neither|nor|cannot|without|nobody|nothing|except"
    r"|fail(?:s|ed)?|lack(?:s|ed)?|reject(?:s|ed)?|refused?|un(?!i|der|til|less|cle)\w{4,})\b",
    re.IGNORECASE,
)
_SPELLED = "zero one two three four five six seven eight nine ten eleven twelve"
_WORDS_AS_NUMBERS = {word: str(number) for number, word in enumerate(_SPELLED.split())}
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS_AS_NUMBERS)})\b", re.IGNORECASE)


def content_terms(text: str) -> list[str]:
    """Return the analysed terms in order without question words; all terms if nothing is left."""
    terms = analyse(text)
    return [term for term in terms if term not in _FUNCTION] or terms


def names(text: str) -> frozenset[str]:
    """Return the terms of capitalised words that do not open a sentence; none in a headline."""
    words = _LONG_WORD.findall(text)
    if sum(word[0].isupper() for word in words) > _HEADLINE * len(words):
        return frozenset()
    return frozenset(
        term for name in _NAME.findall(text) for term in analyse(name) if term not in _FUNCTION
    )


def numbers(text: str) -> frozenset[str]:
    """Return the numbers in digits, separators of thousands left out."""
    return frozenset(_NUMBER.findall(_SEPARATOR.sub("", text)))


def stated_numbers(text: str) -> frozenset[str]:
    """Return the numbers in digits and the small ones that are spelled out, as digits."""
    spelled = (_WORDS_AS_NUMBERS[word.lower()] for word in _NUMBER_WORD.findall(text))
    return numbers(text) | frozenset(spelled)


def has_negation(text: str) -> bool:
    """Tell whether something in the text is denied, be it by a prefix or a verb."""
    return bool(_NEGATION.search(text))
