"""Mail (EML, MSG, MBOX) to text: the head, the body, then each attachment under its name."""

import codecs
import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

from ingest.errors import EmptyDocumentError, ParseLimitError
from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File, pieces_of_document, pieces_of_inner
from ingest.parse.common.plain_text import decode
from ingest.parse.html import parse_markup
from ingest.types import ParsedDocument

MEDIA_TYPE = "message/rfc822"
MSG_MEDIA_TYPE = "application/vnd.ms-outlook"
MBOX_MEDIA_TYPE = "application/mbox"
PARSER = "footnote mail 1"

_SHOWN = ("From", "To", "Cc", "Date")
_SENDER_ADDRESS = 0x0C1F
"""PidTagSenderEmailAddress ([MS-OXPROPS])."""
_MOST_PARTS = 1_000
_EMPTY_LINES = re.compile(r"\n\s*\n")
_SIGN = re.compile(rb"\A(?:[!-9;-~]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){2,}")
_KNOWN = re.compile(
    rb"^(?:from|to|subject|date|message-id|received|return-path|mime-version|delivered-to):",
    re.IGNORECASE | re.MULTILINE,
)
_ENVELOPE = re.compile(rb"^From [^\n]*\d\d:\d\d[^\n]*\n(?=[!-9;-~]+:)", re.MULTILINE)


def is_message(head: bytes) -> bool:
    """Tell whether a file begins as RFC 5322 says: header lines, some of them of mail."""
    block = _SIGN.match(head.lstrip(b"\xef\xbb\xbf"))
    return bool(block) and len(_KNOWN.findall(block.group() if block else b"")) >= 2  # noqa: PLR2004


def is_mailbox(head: bytes) -> bool:
    """Tell whether a file begins with the envelope line of a mailbox."""
    return bool(_ENVELOPE.match(head))


def parse_message(file: File) -> ParsedDocument:
    """Read a message: subject, sender, receivers, date, text, attachments.

    Raises:
        EmptyDocumentError: it says nothing.
        ParseLimitError: it has more than a thousand parts.

    """
    warnings: list[str] = []
    message = _message(file.data)
    pieces = _pieces(message, file, warnings)
    title = _header(message, "Subject") or None
    return assemble(
        pieces, SourceText(MEDIA_TYPE, PARSER, title=title, warnings=first_warnings(warnings))
    )


def parse_mailbox(file: File) -> ParsedDocument:
    """Read each message of an mbox file (RFC 4155) in order."""
    starts = [envelope.end() for envelope in _ENVELOPE.finditer(file.data)]
    ends = [envelope.start() for envelope in _ENVELOPE.finditer(file.data)][1:]
    warnings: list[str] = []
    pieces: list[TextPiece] = []
    for start, end in zip(starts, [*ends, len(file.data)], strict=True):
        pieces += _pieces(_message(file.data[start:end]), file, warnings)
    source = SourceText(MBOX_MEDIA_TYPE, PARSER, title=file.name, warnings=first_warnings(warnings))
    return assemble(pieces, source)


def parse_msg(file: File) -> ParsedDocument:
    """Read a message as Outlook saves it; raises as ``parse_message`` does."""
    from importlib.metadata import version

    from oxmsg import Message

    codecs.register(_windows_codec)
    message = Message.load(file.data)
    headers = {name.title(): value for name, value in message.message_headers.items()}
    receivers = dict.fromkeys(filter(None, map(_person, message.recipients)))
    sender = _decode(headers.get("From") or message.sender or "")
    address = message.properties.str_prop_value(_SENDER_ADDRESS) or ""
    head = {
        "From": sender if address in sender else f"{address}, {sender}",
        "To": ", ".join(receivers) or _decode(headers.get("To", "")),
        "Date": str(message.sent_date or ""),
    }
    pieces = [*_head(message.subject, head), *_body(message.body or "", message.html_body or "")]
    warnings: list[str] = []
    for attached in message.attachments:
        name = attached.file_name or "attachment"
        if attached.file_bytes:
            pieces += pieces_of_inner(file, attached.file_bytes, name, warnings, under=2)
        else:
            warnings.append(f"{name}: it is linked or embedded, and was not read.")
    parser = f"python-oxmsg {version('python-oxmsg')}"
    source = SourceText(
        MSG_MEDIA_TYPE, parser, title=message.subject or None, warnings=first_warnings(warnings)
    )
    return assemble(pieces, source)


def _windows_codec(name: str) -> codecs.CodecInfo | None:
    """Find a code page that Outlook names by number and Python does not know by that name."""
    page = name.replace("-", "_").removeprefix("windows_")
    return codecs.lookup(f"cp{page}") if page.isdigit() and name.startswith("windows") else None


def _person(who: Any) -> str:
    name, address = who.name.strip(), who.email_address.strip()
    return f"{name} <{address}>" if name and address and name != address else name or address


def _decode(header: str) -> str:
    """Return a header without the encoding of RFC 2047."""
    try:
        return str(make_header(decode_header(header)))
    except (MessageError, ValueError, LookupError):
        return header


def _message(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's text; the library fails on some that break the rules."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (MessageError, ValueError, TypeError, IndexError, AttributeError):
        raw = dict(message.raw_items()).get(name, "")
        return " ".join(str(raw).split())


def _pieces(message: EmailMessage, file: File, warnings: list[str]) -> list[TextPiece]:
    head = {name: _header(message, name) for name in _SHOWN}
    pieces = list(_head(_header(message, "Subject"), head))
    plain, html, attached = _contents(message)
    pieces += _body("\n\n".join(plain), "\n".join(html))
    for data, name in attached:
        pieces += pieces_of_inner(file, data, name, warnings, under=2)
    return pieces


def _head(subject: str, head: dict[str, str]) -> Iterator[TextPiece]:
    yield TextPiece("heading", " ".join(subject.split()), 1)
    lines = {"Subject": " ".join(subject.split()), **head}
    yield TextPiece(
        "paragraph", "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
    )


def _body(plain: str, html: str) -> Iterator[TextPiece]:
    if plain.strip():
        yield from (TextPiece("paragraph", paragraph) for paragraph in _EMPTY_LINES.split(plain))
    elif html.strip():
        try:
            yield from pieces_of_document(parse_markup(html, "text/html"), under=1)
        except EmptyDocumentError:
            return


def _contents(message: EmailMessage) -> tuple[list[str], list[str], list[tuple[bytes, str]]]:
    """Return plain texts, HTML texts, and attachments with their names."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[tuple[bytes, str]] = []
    for count, entity in enumerate(_leaves(message)):
        if count > _MOST_PARTS:
            raise ParseLimitError(
                f"This message has more than {_MOST_PARTS:,} parts. Upload its attachments alone."
            )
        kind, name = entity.get_content_type(), _filename(entity)
        if kind == "message/rfc822":
            attached += [(inner.as_bytes(), name or "message.eml") for inner in _within(entity)]
        elif kind in {"text/plain", "text/html"} and not name and not _is_attachment(entity):
            (plain if kind == "text/plain" else html).append(_text(entity))
        elif name or _is_attachment(entity):
            attached.append((_payload(entity), name or "attachment"))
    return plain, html, attached


def _leaves(message: EmailMessage) -> Iterable[EmailMessage]:
    """Walk the parts without stepping into attached messages."""
    waiting = [message]
    while waiting:
        entity = waiting.pop()
        if entity.is_multipart() and entity.get_content_type() != "message/rfc822":
            waiting.extend(reversed(_within(entity)))
        else:
            yield entity


def _within(entity: EmailMessage) -> list[EmailMessage]:
    inside = entity.get_payload()
    return [p for p in inside if isinstance(p, EmailMessage)] if isinstance(inside, list) else []


def _filename(entity: EmailMessage) -> str | None:
    try:
        return entity.get_filename()
    except (MessageError, ValueError, TypeError, IndexError, AttributeError):
        return "attachment"


def _is_attachment(entity: EmailMessage) -> bool:
    return str(entity.get("Content-Disposition", "")).lower().startswith("attachment")


def _payload(entity: EmailMessage) -> bytes:
    data = entity.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(entity: EmailMessage) -> str:
    data = _payload(entity)
    try:
        return data.decode(entity.get_content_charset() or "ascii")
    except (UnicodeDecodeError, LookupError):
        return decode(data)[0] if data else ""
