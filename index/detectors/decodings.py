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
from dataclasses import dataclass, replace
from html import unescape

from index.detectors.hidden_text import TAG, reveal_tags
from index.detectors.normalization import undisguised

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
    yield from _unmarked(first)
    yield from _tags(text)
    yield from _decoded(first, _DEEP)
    yield from _inline(first, _DEEP)


_DIGITS = str.maketrans("01345789@$!|", "oieastbgasil")
"""Digits and signs that stand for letters. Same length: places stay."""
_SPELLED = re.compile(r"(?<![^\W_])\S(?P<sign>[ \t./|,*_~+-])(?:\S(?P=sign))+\S(?![^\W_])")


def _spelled(view: View) -> Iterator[View]:
    """Join words that are written letter by letter, with one sign between all their letters."""
    runs = [match.span() for match in _SPELLED.finditer(view.text)]
    signs = [(i, i + 1) for start, end in runs for i in range(start + 1, end, 2)]
    if signs:
        yield _without("spelled", view, signs)


_MARKUP = re.compile(r"(?:<!--[\s\S]{0,400}?-->|</?[A-Za-z][^<>\n]{0,200}>|[*`~\\\"])+")


def _unmarked(view: View) -> Iterator[View]:
    """Leave out markup, where some stands between the letters of a word."""
    signs = [match.span() for match in _MARKUP.finditer(view.text)]
    if any(view.text[a - 1 : a].isalnum() and view.text[b : b + 1].isalnum() for a, b in signs):
        yield _without("unmarked", view, signs)


def _without(name: str, view: View, left_out: Sequence[tuple[int, int]]) -> View:
    return _rewritten(name, view, [(start, end, "") for start, end in left_out])


def _rewritten(name: str, view: View, units: Sequence[tuple[int, int, str]]) -> View:
    """Put other characters in the place of some spans, in order; each stands for its whole span."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for start, end, said in (*units, (len(view.text), len(view.text), "")):
        letters += (view.text[last:start], said)
        starts += view.starts[last:start]
        ends += view.ends[last:start]
        if said:
            first, behind = view.span(start, end)
            starts += [first] * len(said)
            ends += [behind] * len(said)
        last = end
    return View(name, "".join(letters), starts, ends)


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
            yield replace(inner, name="rot13", text=codecs.encode(inner.text, "rot13"))
            yield replace(inner, name="reversed", text=inner.text[::-1])
            if deep > 1:
                yield from _decoded(inner, deep - 1)
                yield from _inline(inner, deep - 1)


def _inline(view: View, deep: int) -> Iterator[View]:
    """Yield the text with what stands for single characters in it decoded, each kind by itself."""
    for name, (sign, pattern, decode) in _INLINE.items():
        units = pattern.finditer(view.text) if sign in view.text else ()
        said = [(*u.span(), undisguised(_readable(decode, u.group()))[0]) for u in units]
        if said:
            yield (inner := _rewritten(name, view, said))
            if deep > 1:
                yield from _decoded(inner, deep - 1)
                yield from _inline(inner, deep - 1)


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


def _percent(unit: str) -> str:
    return bytes.fromhex(unit.replace("%", "")).decode()


def _escape(unit: str) -> str:
    return " " if unit[1] in "nrt" else chr(int(unit.strip("\\u{}"), 16))


def _octal(run: str) -> str:
    return bytes(int(byte, 8) for byte in run.split("\\")[1:]).decode()


def _decimal(run: str) -> str:
    return "".join(chr(int(number)) for number in re.findall(r"\d+", run))


def _binary(run: str) -> str:
    return bytes(int(byte, 2) for byte in run.split()).decode()


_SIGNS = {"octal": "\\"}
_ASCII = r"(?:3[2-9]|[4-9]\d|1[01]\d|12[0-6])"
_ENCODINGS: dict[str, tuple[re.Pattern[str], Callable[[str], str]]] = {
    "base64": (re.compile(r"(?<![\w+/-])[\w+/-]{12,}={0,2}"
                          r"(?:(?:\r?\n|[ ](?=[\w+/-]{16}))[\w+/-]{12,}={0,2}){0,200}"
                          r"(?:\s[\w+/-]{2,12}={1,2}|\r?\n[\w+/-]{2,11}(?=\s*\Z))?", re.ASCII),
               _base64),
    "base32": (re.compile(r"\b[A-Z2-7]{16,}={0,6}"), _base32),
    "hexadecimal": (re.compile(r"(?<![0-9A-Fa-f])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ :,-]?){8,}"),
                    _hexadecimal),
    "octal": (re.compile(r"(?:\\[0-3]?[0-7]{2}){4,}"), _octal),
    "decimal": (re.compile(rf"(?<!\d)(?:{_ASCII}[\s,;]{{1,3}}){{7,}}{_ASCII}(?!\d)"), _decimal),
    "binary": (re.compile(r"(?:[01]{8}\s?){3,}"), _binary),
}  # fmt: skip
_INLINE: dict[str, tuple[str, re.Pattern[str], Callable[[str], str]]] = {
    "percent": ("%", re.compile(r"(?:%[0-9A-Fa-f]{2})+"), _percent),
    "references": ("&", re.compile(r"&(?:#\d{2,7};?|#[xX][0-9A-Fa-f]{2,6};?|\w{2,8};)"), unescape),
    "escapes": ("\\", re.compile(r"\\(?:u\{?[0-9A-Fa-f]{4}\}?|[nrt])"), _escape),
}
"""What stands for a character or a few: the sign that all have, their form, what they say."""
