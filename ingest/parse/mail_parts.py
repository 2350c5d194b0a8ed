"""The parts of a message (RFC 2045 to 2049): what a reader sees of them, and what is attached.

Only within ``multipart/alternative`` does one part stand for another. Everywhere else each part is
read, in its order.
"""

import base64
import binascii
import mimetypes
import quopri
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage

from ingest.errors import EmptyDocumentError, ParseLimitError
from ingest.parse.common.document_builder import TextPiece
from ingest.parse.common.encodings import codec_of_label
from ingest.parse.common.file import pieces_of_document
from ingest.parse.common.line_ends import join_flowed, join_wrapped
from ingest.parse.common.plain_text import decode
from ingest.parse.html import parse_markup
from ingest.parse.icalendar import lines_of_calendar
from ingest.parse.mail_headers import decoded_header

_MOST_PARTS = 1_000
_SAMPLE = 4_000
_EMPTY_LINES = re.compile(r"\n\s*\n")
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"\S*(?:://|www\.|@)\S*")
_STUB = re.compile(
    r"\b(?:html|browser|viewer|client|e-?mail program|webansicht|navigateur)\b", re.IGNORECASE
)
_LONGEST_STUB = 40
_COVERED = 0.9
_SIGNATURES = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_TEXTS = frozenset({"text/plain", "text/html", "text/calendar", "text/enriched", "text/richtext"})
_TAGS = re.compile(r"</?[A-Za-z-]+>")
_QUOTED_MARKUP = re.compile(r"\A\s*(?:<!doctype|<html|<head|<body)", re.IGNORECASE)


@dataclass(slots=True)
class MailContents:
    """The blocks of a message's body, and its attachments with their names."""

    pieces: list[TextPiece] = field(default_factory=list)
    attached: list[tuple[bytes, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    sample: bytes = b""
    """The start of the first text as it came: a bare header is of the same encoding."""
    part_count: int = 0

    def count_part(self) -> None:
        """Count one more part.

        Raises:
            ParseLimitError: there are too many.

        """
        self.part_count += 1
        if self.part_count > _MOST_PARTS:
            raise ParseLimitError(
                f"This message has more than {_MOST_PARTS:,} parts. Upload its attachments alone."
            )


def contents_of_message(message: EmailMessage) -> MailContents:
    """Return what a message says, and what is attached to it.

    Raises:
        ParseLimitError: it has more than a thousand parts.

    """
    contents = MailContents()
    contents.pieces += _read_part(message, contents)
    return contents


def _read_part(entity: EmailMessage, contents: MailContents) -> list[TextPiece]:
    """Return the blocks of a part; what is attached goes to ``contents``."""
    contents.count_part()
    kind = entity.get_content_type()
    if kind in _MESSAGES:
        contents.attached += _attached_messages(entity)
        return []
    if kind == "multipart/alternative":
        return _read_alternatives(entity, contents)
    if kind == "message/delivery-status":
        return [TextPiece("paragraph", _status(entity))]
    if entity.is_multipart():
        return [piece for part in parts_within(entity) for piece in _read_part(part, contents)]
    return _read_leaf(entity, kind, contents)


def _read_leaf(entity: EmailMessage, kind: str, contents: MailContents) -> list[TextPiece]:
    name = filename_of(entity)
    is_body = kind in _TEXTS and (not name or kind == "text/calendar")
    if is_body and not _is_attachment(entity):
        return _read_text(entity, kind, contents)
    _attach(entity, kind, name, contents)
    return []


def _read_alternatives(entity: EmailMessage, contents: MailContents) -> list[TextPiece]:
    """Read each alternative, and keep the one that says more; an invitation is read besides."""
    plain: list[TextPiece] = []
    rich: list[TextPiece] = []
    others: list[TextPiece] = []
    for part in parts_within(entity):
        kind = part.get_content_type()
        pieces = _read_part(part, contents)
        if kind == "text/calendar":
            others += pieces
        elif kind in {"text/plain", "text/enriched", "text/richtext"}:
            plain = plain or pieces
        elif kind != "text/x-amp-html":
            rich = pieces or rich
    return [*fuller_pieces(plain, rich), *others]


def fuller_pieces(plain: list[TextPiece], rich: list[TextPiece]) -> list[TextPiece]:
    """Return the plain text where the rich one says no more; both where neither says all."""
    plain_words, rich_words = _words(plain), _words(rich)
    if _is_covered(rich_words, plain_words):
        return plain
    is_stub = len(plain_words) < _LONGEST_STUB and any(_STUB.search(p.text) for p in plain)
    if is_stub or _is_covered(plain_words, rich_words):
        return rich
    return [*rich, *plain]


def _words(pieces: Sequence[TextPiece]) -> set[str]:
    text = _ADDRESS.sub(" ", " ".join(piece.text for piece in pieces))
    return set(_WORD.findall(text.casefold()))


def _is_covered(words: set[str], others: set[str]) -> bool:
    return len(words & others) >= _COVERED * len(words)


def _read_text(entity: EmailMessage, kind: str, contents: MailContents) -> list[TextPiece]:
    text = _text(entity)
    contents.sample = contents.sample or payload_of(entity)[:_SAMPLE]
    if kind == "text/calendar":
        return [TextPiece("paragraph", "\n".join(event)) for event in lines_of_calendar(text)]
    if kind == "text/html" or _QUOTED_MARKUP.match(text):
        return pieces_of_html(text, contents.warnings)
    if kind != "text/plain":
        return pieces_of_plain(_TAGS.sub("", text))
    flowed = str(entity.get_param("format", "")).lower() == "flowed"
    if flowed:
        text = join_flowed(text, deletes_space=str(entity.get_param("delsp", "")).lower() == "yes")
    return pieces_of_plain(text)


def pieces_of_plain(text: str) -> list[TextPiece]:
    """Return a paragraph for each run of lines."""
    paragraphs = _EMPTY_LINES.split(join_wrapped(text))
    return [TextPiece("paragraph", paragraph) for paragraph in paragraphs if paragraph.strip()]


def pieces_of_html(text: str, warnings: list[str]) -> list[TextPiece]:
    """Return the blocks of an HTML body; none where nothing of it is visible."""
    try:
        document = parse_markup(text, "text/html")
    except EmptyDocumentError:
        return []
    warnings.extend(document.warnings)
    return list(pieces_of_document(document, under=1))


def _attach(entity: EmailMessage, kind: str, name: str | None, contents: MailContents) -> None:
    data = payload_of(entity)
    if kind in _SIGNATURES or not data.strip():
        return
    if kind == "message/external-body":
        contents.warnings.append(f"{name or 'attachment'}: it is kept elsewhere, and was not read.")
        return
    if kind.startswith("text/"):
        data = _as_utf_8(data, entity)
    contents.attached.append((data, name or f"attachment{mimetypes.guess_extension(kind) or ''}"))


def _as_utf_8(data: bytes, entity: EmailMessage) -> bytes:
    """Return a text in UTF-8 with a mark where the part names its encoding, and keeps to it."""
    codec = codec_of_label(_charset(entity))
    if codec in {None, "utf-8", "cp1252"} or data.isascii():
        return data
    try:
        return data.decode(codec or "utf-8").encode("utf-8-sig")
    except UnicodeError:
        return data


def _attached_messages(entity: EmailMessage) -> Iterator[tuple[bytes, str]]:
    """Yield messages within a message; some senders encode them, which the standard forbids."""
    name = filename_of(entity) or "message.eml"
    encoding = str(entity.get("Content-Transfer-Encoding", "")).strip().lower()
    for inner in parts_within(entity):
        data = inner.as_bytes()
        if encoding == "base64" and not inner.keys():
            data = _from_base64(data) or data
        elif encoding == "quoted-printable":
            data = quopri.decodestring(data)
        yield data, name if "." in name else f"{name}.eml"


def _from_base64(data: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return b""


def _status(entity: EmailMessage) -> str:
    return "\n".join(
        f"{name}: {decoded_header(str(value))}"
        for part in parts_within(entity)
        for name, value in part.items()
    )


def parts_within(entity: EmailMessage) -> list[EmailMessage]:
    """Return the parts that stand directly in a part."""
    inside = entity.get_payload()
    return [p for p in inside if isinstance(p, EmailMessage)] if isinstance(inside, list) else []


def filename_of(entity: EmailMessage) -> str | None:
    """Return the name that the sender gave to a part."""
    try:
        name = entity.get_filename()
    except (MessageError, ValueError, TypeError, IndexError, AttributeError):
        return "attachment"
    return decoded_header(name) if name else None


def _is_attachment(entity: EmailMessage) -> bool:
    return str(entity.get("Content-Disposition", "")).lower().startswith("attachment")


def payload_of(entity: EmailMessage) -> bytes:
    """Return a part's bytes."""
    data = entity.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _charset(entity: EmailMessage) -> str:
    try:
        charset = entity.get_content_charset() or ""
    except (MessageError, ValueError, TypeError, IndexError, AttributeError, LookupError):
        return ""
    return "" if charset in {"ascii", "us-ascii", "unknown-8bit"} else charset


def _text(entity: EmailMessage) -> str:
    """Return a text part's letters; a declared encoding counts where the bytes keep to it."""
    data = payload_of(entity)
    if not data:
        return ""
    codec = codec_of_label(_charset(entity))
    is_eight_bit = codec is not None and not codec.startswith(("utf", "iso2022", "hz"))
    for name in ("utf-8", codec) if is_eight_bit else (codec,):
        try:
            return data.decode(name or "ascii")
        except (UnicodeDecodeError, LookupError):
            continue
    return decode(data)[0]
