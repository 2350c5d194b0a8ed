"""Mail (EML, MSG, MBOX) to text: the head, the body, then each attachment under its name."""

import codecs
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble, first_warnings
from ingest.parse.common.file import File, pieces_of_inner
from ingest.parse.mail_headers import decoded_header, header_of
from ingest.parse.mail_parts import (
    contents_of_message,
    fuller_pieces,
    pieces_of_html,
    pieces_of_plain,
)
from ingest.types import ParsedDocument

MEDIA_TYPE = "message/rfc822"
MSG_MEDIA_TYPE = "application/vnd.ms-outlook"
MBOX_MEDIA_TYPE = "application/mbox"
PARSER = "footnote mail 2"

_SHOWN = ("From", "To", "Cc", "Date")
_SENDER_ADDRESS = 0x0C1F
"""PidTagSenderEmailAddress ([MS-OXPROPS])."""
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
    title = next((piece.text for piece in pieces if piece.kind == "heading"), None)
    return assemble(
        pieces,
        SourceText(MEDIA_TYPE, PARSER, title=title or None, warnings=first_warnings(warnings)),
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
    sender = decoded_header(headers.get("From") or message.sender or "")
    address = message.properties.str_prop_value(_SENDER_ADDRESS) or ""
    head = {
        "From": sender if address in sender else f"{address}, {sender}",
        "To": ", ".join(receivers) or decoded_header(headers.get("To", "")),
        "Date": str(message.sent_date or ""),
    }
    warnings: list[str] = []
    plain = pieces_of_plain(message.body or "")
    rich = pieces_of_html(message.html_body or "", warnings)
    pieces = [*_head(message.subject, head), *fuller_pieces(plain, rich)]
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


def _message(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)


def _pieces(message: EmailMessage, file: File, warnings: list[str]) -> list[TextPiece]:
    contents = contents_of_message(message)
    subject = header_of(message, "Subject", contents.sample)
    head = {name: header_of(message, name, contents.sample) for name in _SHOWN}
    pieces = [*_head(subject, head), *contents.pieces]
    warnings.extend(contents.warnings)
    for data, name in contents.attached:
        pieces += pieces_of_inner(file, data, name, warnings, under=2)
    return pieces


def _head(subject: str, head: dict[str, str]) -> Iterator[TextPiece]:
    yield TextPiece("heading", " ".join(subject.split()), 1)
    lines = {"Subject": " ".join(subject.split()), **head}
    yield TextPiece(
        "paragraph", "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
    )
