"""The encoding of a text that does not say it: labels as browsers read them, and a guess.

Guessed is by language: the bytes are read in each encoding, and that one counts in which they are
most like a text of a language that is written in it. Frequent encodings go before exotic ones.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.parse.common.letter_statistics import log_likelihood, statistics_of

_WESTERN = ["en", "fr", "de", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "ca", "id"]
_LATIN = (*_WESTERN, *[
    "pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq", "tr", "lt", "lv", "et", "vi",
])  # fmt: skip
_CANDIDATES: tuple[tuple[str, list[str], float], ...] = (
    ("cp1252", _WESTERN, 0.0),
    ("cp1250", ["pl", "cs", "sk", "hu", "ro", "hr", "sl", "sq"], 2.0),
    ("cp1251", ["ru", "uk", "bg", "mk"], 0.0),
    ("cp1254", ["tr"], 2.0),
    ("cp1253", ["el"], 0.0),
    ("cp1255", ["he"], 0.0),
    ("cp1256", ["ar", "fa", "ur"], 0.0),
    ("cp1257", ["lt", "lv", "et"], 2.0),
    ("cp1258", ["vi"], 6.0),
    ("cp874", ["th"], 0.0),
    ("koi8_r", ["ru", "bg"], 1.0),
    ("koi8_u", ["uk"], 1.0),
    ("iso8859_2", ["pl", "cs", "sk", "hu", "ro", "hr", "sl"], 1.0),
    ("iso8859_15", _WESTERN, 2.0),
    ("iso8859_5", ["ru", "uk", "bg", "mk"], 4.0),
    ("iso8859_6", ["ar"], 4.0),
    ("iso8859_7", ["el"], 4.0),
    ("cp866", ["ru", "uk", "bg"], 4.0),
    ("cp852", ["pl", "cs", "sk", "hu", "ro", "hr", "sl"], 8.0),
    ("cp850", _WESTERN, 8.0),
    ("cp857", ["tr"], 8.0),
    ("mac_roman", _WESTERN, 8.0),
    ("mac_latin2", ["pl", "cs", "sk", "hu", "hr", "sl"], 10.0),
    ("mac_cyrillic", ["ru", "uk"], 8.0),
    ("cp932", ["ja"], 0.0),
    ("euc_jp", ["ja"], 0.0),
    ("gb18030", ["zh-cn"], 0.0),
    ("cp950", ["zh-tw"], 0.0),
    ("cp949", ["ko"], 0.0),
    ("johab", ["ko"], 12.0),
)  # fmt: skip
"""Encodings, the languages that are written in them, and what speaks against an exotic one."""
_MULTIBYTE = frozenset({"cp932", "euc_jp", "gb18030", "cp950", "cp949", "johab"})
_AS_BROWSERS_DO = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030",
    "gbk": "gb18030", "big5": "big5hkscs",
}  # fmt: skip
"""The superset that the name of a codec usually stands for (WHATWG, Encoding, 4.2)."""
_OTHER_LABELS = {
    "x-sjis": "cp932", "windows-31j": "cp932", "ks_c_5601-1987": "cp949", "ks_c_5601-1989": "cp949",
    "iso-8859-8-i": "cp1255", "iso-8859-8-e": "cp1255", "iso-8859-6-i": "cp1256",
    "dos-874": "cp874",
    "x-gbk": "gb18030", "cn-gb": "gb18030", "x-big5": "big5hkscs", "x-cp1250": "cp1250",
    "x-cp1251": "cp1251", "x-cp1252": "cp1252", "ansi": "cp1252", "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8", "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman", "x-mac-cyrillic": "mac_cyrillic", "x-euc": "euc_jp",
    "x-euc-jp": "euc_jp", "koi8": "koi8_r", "koi": "koi8_r", "hz-gb-2312": "hz",
}  # fmt: skip
_SAMPLE = 16_384
_LONGEST_LINE = 2_000
_CONTEXT = 1_000
_ESCAPES = (
    (b"\x1b$)C", "iso2022_kr"), (b"\x1b$B", "iso2022_jp_ext"), (b"\x1b$@", "iso2022_jp_ext"),
    (b"\x1b$A", "iso2022_jp_2"), (b"\x1b$(", "iso2022_jp_ext"), (b"~{", "hz"),
)  # fmt: skip
_CLEAR = 6.0
"""Nats by which the best guess must lead for the next one not to be named."""
_WIDE_SCRIPTS = re.compile(
    r"[\t\n\r -~\u00a0-\u024f\u0370-\u03ff\u0400-\u04ff\u0590-\u05ff\u0600-\u06ff\u0900-\u097f"
    r"\u0e00-\u0e7f\u2010-\u2026\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_WIDE_SPACES = re.compile(r"[\n ,.\u3000\u3001\u3002\uff0c]")


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """The most likely encoding, and the next one where it is nearly as likely."""

    name: str
    rival: str | None = None

    @property
    def is_multibyte(self) -> bool:
        """Tell whether a letter may take several bytes."""
        return self.name in _MULTIBYTE


def codec_of_label(label: str) -> str | None:
    """Return the codec that a label such as ``iso-8859-1`` stands for in practice, or None."""
    folded = label.strip().strip("\"'").casefold()
    if folded in _OTHER_LABELS:
        return _OTHER_LABELS[folded]
    for name in (folded, folded.removeprefix("x-"), folded.replace("windows", "cp", 1)):
        try:
            codec = codecs.lookup(name.replace("cp-", "cp"))
        except (LookupError, ValueError):
            continue
        if codec._is_text_encoding:  # noqa: SLF001 - codecs such as "hex" are no text
            return _AS_BROWSERS_DO.get(codec.name, codec.name)
    return None


def escaped_encoding(data: bytes) -> str | None:
    """Return the encoding of a text that switches its letters by escapes: JIS, ISO-2022-KR, HZ."""
    for sign, name in _ESCAPES:
        if sign in data:
            try:
                text = data.decode(name)
            except UnicodeDecodeError:
                continue
            if not text.isascii():
                return name
    return None


def wide_encoding(head: bytes) -> str | None:
    """Return UTF-16's byte order where a text without a mark is UTF-16, by its signs."""
    even_length = head[: len(head) // 2 * 2]
    best: tuple[float, str] | None = None
    for name in ("utf-16-le", "utf-16-be"):
        text = even_length.decode(name, "replace")
        spaces = len(_WIDE_SPACES.findall(text))
        share = len(_WIDE_SCRIPTS.findall(text)) / max(1, len(text))
        is_wide = share > 0.97 and spaces > max(0, 0.01 * len(text) - 1)  # noqa: PLR2004
        if is_wide and b"\0" in even_length and (best is None or spaces > best[0]):
            best = (spaces, name)
    return best[1] if best else None


def guess_encoding(data: bytes) -> EncodingGuess:
    """Return the encoding in which the bytes are most like a text of some language."""
    sample, context = _sample(data)
    ranking = sorted(_scores(sample, context), reverse=True)
    best_score, best = ranking[0]
    read_as = sample.decode(best, "replace")
    rivals = (
        name
        for score, name in ranking[1:]
        if best_score - score < _CLEAR and sample.decode(name, "replace") != read_as
    )
    return EncodingGuess(best, next(rivals, None))


def _scores(sample: bytes, context: bytes) -> Iterator[tuple[float, str]]:
    """Yield each encoding's score; lines of ASCII tell languages of Latin letters apart."""
    context_pairs = statistics_of(context.decode("ascii")).pairs
    likeliest = log_likelihood(context_pairs, _LATIN) if context_pairs else 0.0
    for name, languages, handicap in _CANDIDATES:
        statistics = statistics_of(sample.decode(name, "replace"))
        is_latin = languages[0] in _LATIN
        pairs = Counter(statistics.pairs)
        if is_latin:
            pairs.update(context_pairs)
        likelihood = log_likelihood(pairs, languages) + (0.0 if is_latin else likeliest)
        yield likelihood + statistics.penalty - handicap, name


def _sample(data: bytes) -> tuple[bytes, bytes]:
    """Return lines that are not ASCII, and where they are few, some that are."""
    lines: list[bytes] = []
    context: list[bytes] = []
    size = context_size = 0
    for line in data[: 1 << 22].splitlines(keepends=True):
        if line.isascii():
            if context_size < _CONTEXT:
                context.append(line[:_CONTEXT])
                context_size += len(context[-1])
            continue
        first = next(i for i, byte in enumerate(line) if byte > 127)  # noqa: PLR2004
        start = max(0, first - _LONGEST_LINE // 2)
        lines.append(line[start : start + _LONGEST_LINE] if len(line) > _LONGEST_LINE else line)
        size += len(lines[-1])
        if size > _SAMPLE:
            break
    return b"".join(lines), b"".join(context) if size < _CONTEXT else b""
