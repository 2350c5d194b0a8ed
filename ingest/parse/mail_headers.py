"""A message's header lines: encoded words (RFC 2047), and letters that nobody encoded."""

import re
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage

from ingest.errors import UnsupportedTypeError
from ingest.parse.common.encodings import codec_of_label
from ingest.parse.common.plain_text import decode

_UNREAD = re.compile(r"[\ud800-\udfff\ufffd\x80-\x9f]|=\?[^?\s]+\?[bqBQ]\?")
"""Signs that the library left a header undecoded."""


def header_of(message: EmailMessage, name: str, context: bytes = b"") -> str:
    """Return a header on one line; ``context`` is text of the same sender, to guess letters by."""
    try:
        text = " ".join(str(message.get(name, "")).split())
    except (MessageError, ValueError, TypeError, IndexError, AttributeError):
        text = "\ufffd"
    if not _UNREAD.search(text):
        return text
    raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return decoded_header(str(raw), context)


def decoded_header(raw: str, context: bytes = b"") -> str:
    """Return a raw header without the encoding of RFC 2047, its bare bytes as letters."""
    text = " ".join(_letters(raw, context).split())
    if "=?" not in text:
        return text
    try:
        words = decode_header(text)
    except (MessageError, ValueError, LookupError):
        return text
    return "".join(_word(word, charset) for word, charset in words)


def _word(word: bytes | str, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    codec = codec_of_label(charset) if charset else None
    for name in (codec, "utf-8"):
        try:
            return word.decode(name or "ascii")
        except (UnicodeDecodeError, LookupError):
            continue
    return word.decode("cp1252" if charset is None or codec is None else codec, "replace")


def _letters(raw: str, context: bytes) -> str:
    """Return a header whose bytes over 127 the library keeps as lone surrogates, as letters."""
    data = raw.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    separator = b"\n"
    try:
        return decode(data.replace(b"\n", b" ") + separator + context)[0].split("\n", 1)[0]
    except UnsupportedTypeError:
        return data.decode("cp1252", "replace")
