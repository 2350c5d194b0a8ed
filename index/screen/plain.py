"""Text as its writer meant it to be read: compatibility forms, look-alikes and hidden signs undone.

Each character keeps its place in the original, so that what is found can be shown there.
Source: Unicode Technical Standard 39 (confusables); the table here holds common ones alone.
"""

import unicodedata

_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u051b\u03bf\u03b1"
    "\u03b9\u03ba\u03bd\u03c1\u03c4\u03c5\u0131\u0261\u2019",
    "aeopcyxijsdhqoaikvptuig'",
)


def plain(text: str) -> tuple[str, list[int]]:
    """Return the text in lower case without disguise, and the place of each character."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if unicodedata.category(character) in {"Cf", "Mn", "Co", "Cs"}:
            continue
        shown = unicodedata.normalize("NFKD", character).lower().translate(_LOOKALIKES)
        kept = [c for c in shown if unicodedata.category(c) != "Mn"]
        letters.extend(kept)
        places.extend([place] * len(kept))
    return "".join(letters), places
