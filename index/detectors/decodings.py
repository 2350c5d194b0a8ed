"""The readings of a text in which a rule looks for its words: as it stands, and decoded.

Somebody who wants to hide a word from a rule writes it in another alphabet, with invisible
characters, letter by letter, backwards, or encoded. Each reading undoes one of these. The work is
bounded: at most ``RUNS`` encoded runs of a text are decoded, two levels deep, and no reading is
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
from index.text.normalization import remove_disguise

RUNS = 32
"""The most encoded runs of one text that are decoded, the longest first."""
_DEEP = 2
"""Levels of encodings inside encodings that are undone."""
_PRINTABLE = 0.9
"""The share of printable characters from which decoded bytes are taken for text."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """One reading of a text; character ``i`` stands for ``original[starts[i]:ends[i]]``."""

    name: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that ``start:end`` of the reading stands for."""
        return min(self.starts[start:end]), max(self.ends[start:end])


def decodings(text: str) -> Iterator[Decoding]:
    """Yield the text without disguise, then each other reading that differs from it."""
    plain_text, starts = remove_disguise(text)
    ends = (
        range(1, len(text) + 1) if len(plain_text) == len(text) else [start + 1 for start in starts]
    )
    yield (first := Decoding("plain", plain_text, starts, ends))
    yield Decoding("rot13", codecs.encode(plain_text, "rot13"), starts, ends)
    yield Decoding("reversed", plain_text[::-1], starts[::-1], ends[::-1])
    if (digits := plain_text.translate(_DIGITS)) != plain_text:
        yield Decoding("digits", digits, starts, ends)
    yield from _decode_spelling(first)
    yield from _without_marks(first)
    yield from _tags(text)
    yield from _decode_runs(first, _DEEP)
    yield from _inline(first, _DEEP)


_DIGITS = str.maketrans("01345789@$!|", "oieastbgasil")
"""Digits and signs that stand for letters. The length stays the same, and so do the offsets."""
_SPELLED = re.compile(r"(?<![^\W_])\S(?P<sign>[ \t./|,*_~+-])(?:\S(?P=sign))+\S(?![^\W_])")


def _decode_spelling(decoding: Decoding) -> Iterator[Decoding]:
    """Join words that are written letter by letter, with one sign between all their letters."""
    runs = [match.span() for match in _SPELLED.finditer(decoding.text)]
    signs = [(i, i + 1) for start, end in runs for i in range(start + 1, end, 2)]
    if signs:
        yield _without("spelled", decoding, signs)


_MARKUP = re.compile(r"(?:<!--[\s\S]{0,400}?-->|</?[A-Za-z][^<>\n]{0,200}>|[*`~\\\"])+")


def _without_marks(decoding: Decoding) -> Iterator[Decoding]:
    """Leave out markup, where some stands between the letters of a word."""
    signs = [match.span() for match in _MARKUP.finditer(decoding.text)]
    if any(
        decoding.text[a - 1 : a].isalnum() and decoding.text[b : b + 1].isalnum() for a, b in signs
    ):
        yield _without("unmarked", decoding, signs)


def _without(name: str, decoding: Decoding, left_out: Sequence[tuple[int, int]]) -> Decoding:
    return _rewritten(name, decoding, [(start, end, "") for start, end in left_out])


def _rewritten(name: str, decoding: Decoding, units: Sequence[tuple[int, int, str]]) -> Decoding:
    """Put other characters in the place of some spans, in order; each stands for its whole span."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for start, end, replacement in (*units, (len(decoding.text), len(decoding.text), "")):
        letters += (decoding.text[last:start], replacement)
        starts += decoding.starts[last:start]
        ends += decoding.ends[last:start]
        if replacement:
            first, behind = decoding.span(start, end)
            starts += [first] * len(replacement)
            ends += [behind] * len(replacement)
        last = end
    return Decoding(name, "".join(letters), starts, ends)


def _tags(text: str) -> Iterator[Decoding]:
    if spelled := reveal_tags(text):
        starts = [match.start() for match in TAG.finditer(text)]
        yield _whole("tags", spelled, starts[0], starts[-1] + 1)


def _decode_runs(decoding: Decoding, deep: int) -> Iterator[Decoding]:
    """Yield the decoded text of encoded runs, and of the runs inside those."""
    runs = [
        (match, name, decode)
        for name, (pattern, decode) in _ENCODINGS.items()
        if _SIGNS.get(name, "") in decoding.text
        for match in pattern.finditer(decoding.text)
    ]
    for match, name, decode in sorted(runs, key=lambda run: -len(run[0].group()))[:RUNS]:
        if plaintext := _readable(decode, match.group()):
            inner = _whole(name, plaintext, *decoding.span(*match.span()))
            yield inner
            yield replace(inner, name="rot13", text=codecs.encode(inner.text, "rot13"))
            yield replace(inner, name="reversed", text=inner.text[::-1])
            if deep > 1:
                yield from _decode_runs(inner, deep - 1)
                yield from _inline(inner, deep - 1)


def _inline(decoding: Decoding, deep: int) -> Iterator[Decoding]:
    """Yield the text with its encoded characters decoded, once for each kind of encoding."""
    for name, (sign, pattern, decode) in _INLINE.items():
        units = pattern.finditer(decoding.text) if sign in decoding.text else ()
        replacements = [
            (*u.span(), remove_disguise(_readable(decode, u.group()))[0]) for u in units
        ]
        if replacements:
            yield (inner := _rewritten(name, decoding, replacements))
            if deep > 1:
                yield from _decode_runs(inner, deep - 1)
                yield from _inline(inner, deep - 1)


def _whole(name: str, plaintext: str, start: int, end: int) -> Decoding:
    plain_text, _ = remove_disguise(plaintext)
    return Decoding(name, plain_text, [start] * len(plain_text), [end] * len(plain_text))


def _readable(decode: Callable[[str], str], run: str) -> str:
    """Decode, or return nothing where that fails or gives no text."""
    try:
        plaintext = decode(run)
    except (ValueError, binascii.Error):
        return ""
    printable = sum(c.isprintable() or c.isspace() for c in plaintext)
    return plaintext if plaintext != run and printable >= _PRINTABLE * len(plaintext) else ""


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
"""Encodings of one character or a few: a sign that all have, their pattern, their decoder."""
