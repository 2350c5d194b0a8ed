"""Characters that a model reads and a person does not see.

Sources: Unicode Technical Standard 55 (source code handling), Unicode Standard 23.9 (tags).
"""

import re

from index.detectors.coverage import Coverage
from index.detectors.types import Finding

RULES = {
    "unicode-tags": re.compile("[\U000e0000-\U000e007f]+"),
    "variation-selectors": re.compile("[\U000e0100-\U000e01ef\ufe00-\ufe0d]{2,}"),
    "direction-override": re.compile("[\u202d\u202e\u2066-\u2068][^\n]{0,500}?[\u202c\u2069\n]"),
    "direction-run": re.compile("[\u202a-\u202e\u2066-\u2069]{4,}"),
    "zero-width": re.compile("[\u200b\u2060-\u2064\ufeff]{2,}|[\u200b-\u200d\u2060\ufeff]{4,}"),
}
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
"""A regional flag such as Wales': tags that do show something."""


TAG = re.compile("[\U000e0000-\U000e007f]")
_TAG_LETTER = re.compile("[\U000e0020-\U000e007e]")


def find_hidden(text: str) -> list[Finding]:
    """Return runs of characters that show nothing and carry something."""
    if text.isascii():
        return []
    flags = Coverage(len(text))
    for flag in _FLAG.finditer(text):
        flags.add(*flag.span())
    return [
        Finding("hidden", rule, *match.span())
        for rule, pattern in RULES.items()
        for match in pattern.finditer(text)
        if not flags.touches(match.start(), match.start() + 1)
    ]


_UNSEEN = re.compile(
    "[\U000e0000-\U000e01ef\ufe00-\ufe0d\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


def is_hidden(character: str) -> bool:
    """Tell whether a character is one of those that show nothing."""
    return _UNSEEN.fullmatch(character) is not None


def reveal_tags(text: str) -> str:
    """Return what Unicode tags spell in ASCII: what a model may read where nothing is seen."""
    if text.isascii():
        return ""
    return "".join(chr(ord(c) - 0xE0000) for c in _TAG_LETTER.findall(text))
