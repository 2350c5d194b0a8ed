"""Text as its writer meant it to be read: compatibility forms, look-alikes and hidden signs undone.

Each character keeps its offset in the original, so that a finding can be shown there.
Source: Unicode Technical Standard 39 (confusables); the table here holds common ones alone.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58"), "-")
"""Dashes: a number that is set with one is the number."""
_LETTERS = {0x1F150: 26, 0x1F170: 26, 0x1F1E6: 26}
"""Where alphabets of signs that show a letter begin, and how many they have."""
_LOOKALIKES = DASHES | str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u03bf\u03b1"
    "\u03b9\u03ba\u03bd\u03c1\u03c4\u03c5\u0131\u0261\u2019"
    "\u043a\u043c\u0442\u0432\u043d\u0433\u0585\u057d\u0578\u0581\u0566\u0570\u1d00\u0299\u1d04"
    "\u1d05\u1d07\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\u1d1b\u1d1c\u1d20"
    "\u1d21\u028f\u1d22\u0251\u025b\u0269\u1e9f\u03b5\u03b7\u03c7\u03c9\u2018\ua730\ua731\u00f8\u0142\u0111"
    "\u0127\u0180\u0268\u0247\uab71\uab75\uabaa\u0262",
    "aeopcyxijsdhqoaikvptuig'kmtbhroungqhabcdehijklmnoprtuvwyzaeidenxw'fsoldhbierisg",
)
_OTHER = re.compile(r"[^\x00-\x7f]+")
_UNSEEN = frozenset({"Cf", "Mn", "Co", "Cs"})


def plain(text: str) -> tuple[str, Sequence[int]]:
    """Return the text in lower case without disguise, and each character's original offset."""
    letters, offsets = remove_disguise(text)
    return letters.lower() if len(letters.lower()) == len(letters) else letters, offsets


def remove_disguise(text: str) -> tuple[str, Sequence[int]]:
    """Return the text without disguise in its own case, and each character's original offset.

    A capital that only looks like a Latin one becomes that one; other scripts stay as they are.
    """
    if text.isascii():
        return text, range(len(text))
    letters: list[str] = []
    offsets: list[int] = []
    last = 0
    for other in _OTHER.finditer(text):
        start, end = other.span()
        letters.append(text[last:start])
        offsets.extend(range(last, start))
        for offset in range(start, end):
            replacement = _visible_form(text[offset])
            letters.append(replacement)
            offsets.extend([offset] * len(replacement))
        last = end
    letters.append(text[last:])
    offsets.extend(range(last, len(text)))
    return "".join(letters), offsets


@lru_cache(maxsize=4096)
def _visible_form(character: str) -> str:
    if unicodedata.category(character) in _UNSEEN:
        return ""
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    for first, many in _LETTERS.items():
        if first <= ord(character) < first + many:
            return chr(ord("A") + ord(character) - first)
    latin = "".join(map(_latin, unicodedata.normalize("NFKD", character)))
    return "".join(c for c in latin if unicodedata.category(c) != "Mn")


def _latin(character: str) -> str:
    small = character.lower()
    folded = small.translate(_LOOKALIKES)
    return (
        folded.upper()
        if small != character and folded.isascii()
        else (folded if folded != small else character)
    )
