"""Names that a person takes for the same one: the key under which titles and file names meet.

Letters of other scripts that look Latin, signs that nobody sees, case, spaces, a file's extension
and marks of a version (``v2``, ``final``, ``(1)``) do not tell two names apart; a year does.
Source: Unicode Technical Standard 39, skeletons of confusable strings.
"""

import re

from index.text.normalization import plain

LONGEST = 200
"""Characters of a key; longer names meet by their beginning."""
_FEWEST = 3
"""A name with fewer letters and digits is like too many others."""
_EXTENSION = re.compile(r"\.(?=[a-z0-9]{0,4}[a-z])[a-z0-9]{1,5}$")
_VERSION = re.compile(
    r"\((?:\d{1,3}|copy|final|draft|new)\)"
    r"|(?<![^\W_])(?:v|ver|version|rev|revision|issue|edition)[\s._-]*\d+(?:\.\d+)*(?![^\W_])"
    r"|(?<![\w.])\d{1,3}(?:\.\d{1,3})+(?![\w.])"
    r"|(?<![^\W_])(?:final|draft|copy|updated|new|corrected|official|latest)(?![^\W_])"
)
_WORD = re.compile(r"[^\W_]+")
_SHAPES = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))
"""Letters that are read as others; ``l`` stands for all upright strokes."""


def name_key(name: str) -> str:
    """Return the key of a title or file name; empty where it says too little to be compared."""
    visible_name, _ = plain(name)
    stem = _EXTENSION.sub("", visible_name.casefold().strip())
    words = _WORD.findall(_VERSION.sub(" ", stem)) or _WORD.findall(stem)
    key = "".join(map(_skeleton, words))[:LONGEST]
    return key if len(key) >= _FEWEST else ""


def search_key(words: str) -> str:
    """Return the shapes that the key of a name holds where the name has these words together."""
    visible_words, _ = plain(words)
    return "".join(map(_skeleton, _WORD.findall(visible_words.casefold())))[:LONGEST]


def _skeleton(word: str) -> str:
    """Return a word by its shapes; a number stays what it is."""
    if word.isdecimal():
        return word
    for shape, read_as in _SHAPES:
        word = word.replace(shape, read_as)
    return word
