"""The readings of a text in which a rule looks for its words: as it stands, and decoded.

Somebody who knows that a word is watched for writes it in another alphabet, with signs that show
nothing, letter by letter, backwards, or encoded. Each reading undoes one of these. The work is
bounded: a text has at most ``RUNS`` encoded runs that are decoded, two deep, and no reading is
longer than the text.

Sources: RFC 4648 (base64, base32, hexadecimal), RFC 3986 (percent-encoding), HTML 5 (character
references).
"""

import base64
import binascii
import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from index.screen.hidden import TAG, reveal_tags
from index.screen.plain import undisguised

RUNS = 32
"""Encoded runs of one text that are decoded at most, the longest first."""
_DEEP = 2
"""Encodings inside encodings that are undone."""
_PRINTABLE = 0.9
"""The share of printable characters from which decoded bytes are taken for text."""


@dataclass(frozen=True, slots=True)
class View:
    """One reading; character ``i`` stands for ``original[starts[i]:ends[i]]``."""

    name: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of what the reading has at ``start:end``."""
        return min(self.starts[start:end]), max(self.ends[start:end])


def views(text: str) -> Iterator[View]:
    """Yield the text undisguised, then each other reading that differs from it."""
    shown, starts = undisguised(text)
    ends = range(1, len(text) + 1) if len(shown) == len(text) else [place + 1 for place in starts]
    yield (first := View("plain", shown, starts, ends))
    yield View("rot13", codecs.encode(shown, "rot13"), starts, ends)
    yield View("reversed", shown[::-1], starts[::-1], ends[::-1])
    if (digits := shown.translate(_DIGITS)) != shown:
        yield View("digits", digits, starts, ends)
    yield from _spelled(first)
    yield from _tags(text)
    yield from _decoded(first, _DEEP)


_DIGITS = str.maketrans("01345789@$!|", "oieastbgasil")
"""Digits and signs that stand for letters. Same length: places stay."""
_SPELLED = re.compile(r"(?<!\w)(?:\w[ \t._*\-]{1,2}){4,}\w(?!\w)")


def _spelled(view: View) -> Iterator[View]:
    """Join words that are written letter by letter; a wider gap stands between two words."""
    if not (found := list(_SPELLED.finditer(view.text))):
        return
    kept: list[int] = []
    last = 0
    for match in found:
        kept.extend(range(last, match.start()))
        gaps = [m.span() for m in re.finditer(r"[ \t._*\-]+", match.group())]
        wide = {match.start() + start for start, end in gaps if end - start > 1}
        signs = {match.start() + i for start, end in gaps for i in range(start, end)}
        kept.extend(i for i in range(*match.span()) if i not in signs or i in wide)
        last = match.end()
    kept.extend(range(last, len(view.text)))
    joined = "".join(view.text[i] for i in kept)
    yield View("spelled", joined, [view.starts[i] for i in kept], [view.ends[i] for i in kept])


def _tags(text: str) -> Iterator[View]:
    if spelled := reveal_tags(text):
        places = [match.start() for match in TAG.finditer(text)]
        yield _whole("tags", spelled, places[0], places[-1] + 1)


def _decoded(view: View, deep: int) -> Iterator[View]:
    """Yield what encoded runs say, and what runs inside them say."""
    runs = [
        (match, name, decode)
        for name, (pattern, decode) in _ENCODINGS.items()
        if _SIGNS.get(name, "") in view.text
        for match in pattern.finditer(view.text)
    ]
    for match, name, decode in sorted(runs, key=lambda run: -len(run[0].group()))[:RUNS]:
        if said := _readable(decode, match.group()):
            inner = _whole(name, said, *view.span(*match.span()))
            yield inner
            if deep > 1:
                yield from _decoded(inner, deep - 1)


def _whole(name: str, said: str, start: int, end: int) -> View:
    shown, _ = undisguised(said)
    return View(name, shown, [start] * len(shown), [end] * len(shown))


def _readable(decode: Callable[[str], str], run: str) -> str:
    """Decode, or return nothing where that fails or gives no text."""
    try:
        said = decode(run)
    except (ValueError, binascii.Error):
        return ""
    printable = sum(c.isprintable() or c.isspace() for c in said)
    return said if said != run and printable >= _PRINTABLE * len(said) else ""


def _base64(run: str) -> str:
    compact = re.sub(r"\s", "", run).translate(str.maketrans("-_", "+/")).rstrip("=")
    compact = compact[: len(compact) - (len(compact) % 4 == 1)]
    return base64.b64decode(compact + "=" * (-len(compact) % 4)).decode()


def _base32(run: str) -> str:
    compact = run.rstrip("=")
    return base64.b32decode(compact + "=" * (-len(compact) % 8)).decode()


def _hexadecimal(run: str) -> str:
    return bytes.fromhex(re.sub(r"\\x|0x|[\s:,-]", "", run)).decode()


def _percent(run: str) -> str:
    return re.sub(
        r"(?:%[0-9A-Fa-f]{2})+", lambda m: bytes.fromhex(m.group().replace("%", "")).decode(), run
    )


def _escapes(run: str) -> str:
    return re.sub(r"\\u\{?([0-9A-Fa-f]{4})\}?", lambda m: chr(int(m.group(1), 16)), run)


def _binary(run: str) -> str:
    return bytes(int(byte, 2) for byte in run.split()).decode()


_SIGNS = {"percent": "%", "references": "&", "escapes": "\\u"}
_ENCODINGS: dict[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    "base64": (re.compile(r"(?<![\w+/-])[\w+/-]{12,}={0,2}"
                          r"(?:\r?\n[\w+/-]{12,}={0,2}){0,200}", re.ASCII), _base64),
    "base32": (re.compile(r"\b[A-Z2-7]{16,}={0,6}"), _base32),
    "hexadecimal": (re.compile(r"(?<![0-9A-Fa-f])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ :,-]?){8,}"),
                    _hexadecimal),
    "percent": (re.compile(r"\S{0,500}%[0-9A-Fa-f]{2}\S{0,2000}"), _percent),
    "references": (re.compile(r"(?:\S{0,40}&#?\w{2,8};\S{0,40}\s?){2,200}"), unescape),
    "escapes": (re.compile(r"(?:\\u\{?[0-9A-Fa-f]{4}\}?\s?){3,}"), _escapes),
    "binary": (re.compile(r"(?:[01]{8}\s?){3,}"), _binary),
}  # fmt: skip
