"""The messages of one folder of a mailbox, over IMAP and TLS.

The folder is opened to read only: no message is marked as seen, moved or deleted. Mail has no
readers, so every message has the source's list.

Sources: RFC 3501 (IMAP4rev1; 2.3.1.1 on UIDs, 5.1.3 on names of folders), RFC 5322 (Message-ID)
"""

import base64
import imaplib
import re
import ssl
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.connectors.connector import ConnectedFile, OpenedFile
from ingest.errors import ConnectorError

_SECONDS = 60.0
_BLOCK = 1 << 20
_FIELDS = "(UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
_MESSAGE_ID = re.compile(rb"(?i)message-id:\s*(<[\x21-\x7e]{1,500}>)")
_NO_CONTROL = re.compile(r"[^\x00-\x1f\x7f]+")
_TROUBLE = (imaplib.IMAP4.error, OSError)


IMAPS = 993
"""The port of IMAP over TLS."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """Where a folder is, and who reads it."""

    user: str
    host: str
    folder: str
    port: int = IMAPS

    @classmethod
    def parse(cls, text: str) -> "MailAddress":
        """Return the address of ``USER@HOST:PORT/FOLDER``; the port may be left out.

        Raises:
            ConnectorError: it is none, or has a password in it.

        """
        try:
            address = urlsplit(f"imaps://{text}")
            port = address.port or IMAPS
        except ValueError:
            address, port = urlsplit(""), 0
        user, folder = unquote(address.username or ""), unquote(address.path.strip("/"))
        is_sound = _NO_CONTROL.fullmatch(user) and _NO_CONTROL.fullmatch(folder)
        if (
            not (is_sound and address.hostname)
            or address.password
            or address.query
            or address.fragment
        ):
            raise ConnectorError(
                "A folder of mail is imaps://USER@HOST/FOLDER; its password is no part of it."
            )
        return cls(user, address.hostname, folder, port)


@dataclass(frozen=True, slots=True)
class MailLimits:
    """How much is taken from one folder."""

    messages: int = 20_000
    size: int = 100_000_000
    """Bytes of one message."""


@dataclass(frozen=True, slots=True)
class _Message:
    uid: str
    size: int
    is_deleted: bool
    message_id: str | None


class MailFolder:
    """One folder; a message is named by its Message-ID, and marked by its UID."""

    def __init__(
        self,
        address: MailAddress,
        password: Callable[[], str],
        limits: MailLimits = MailLimits(),
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._address = address
        self._password = password
        self._limits = limits
        self._context = context or ssl.create_default_context()
        self._connection: imaplib.IMAP4_SSL | None = None
        self._validity = ""
        self._messages: dict[str, _Message] = {}

    def list_files(self) -> list[ConnectedFile]:
        """Return every message that is not marked as deleted.

        Of two messages with one Message-ID the older one has it, so that nobody who sends mail can
        take the place of what is there already; the other is named by its UID.
        """
        try:
            messages = self._fetch_all()
        except _TROUBLE as error:
            self._connection = None
            raise ConnectorError(f"The folder cannot be listed: {error}") from error
        self._messages = {}
        for message in sorted(messages, key=lambda each: int(each.uid)):
            if not message.is_deleted:
                mark = f"{self._validity}/{message.uid}"
                is_first = message.message_id and message.message_id not in self._messages
                self._messages[str(message.message_id) if is_first else mark] = message
        return [
            ConnectedFile(path, f"{self._validity}/{message.uid}")
            for path, message in self._messages.items()
        ]

    @contextmanager
    def open_file(self, file: ConnectedFile) -> Iterator[OpenedFile]:
        """Open one message as it was sent."""
        message = self._messages[file.path]
        if message.size > self._limits.size:
            raise ConnectorError(f"The message is over {self._limits.size:,} bytes.")
        try:
            yield OpenedFile(f"message-{message.uid}.eml", self._blocks(message, file.mark))
        except _TROUBLE as error:
            self._connection = None
            raise ConnectorError(f"The message cannot be read: {error}") from error

    def _blocks(self, message: _Message, mark: str | None) -> Iterator[bytes]:
        """Yield a message part by part; a server that sends more than is asked for is refused."""
        connection = self._open()
        if mark != f"{self._validity}/{message.uid}":
            raise ConnectorError("The server has numbered its messages differently since.")
        for start in range(0, message.size, _BLOCK):
            length = min(_BLOCK, message.size - start)
            part = f"(BODY.PEEK[]<{start}.{length}>)"
            answer = _accepted(connection.uid("FETCH", message.uid, part))
            literals = [line[1] for line in answer if isinstance(line, tuple)]
            if len(literals) != 1 or len(literals[0]) != length:
                raise ConnectorError("The message is gone, or is not as long as it was listed.")
            yield literals[0]

    def _fetch_all(self) -> list[_Message]:
        connection = self._open()
        number = _number(connection, "EXISTS")
        if int(number) > self._limits.messages:
            raise ConnectorError(f"The folder has over {self._limits.messages:,} messages.")
        if int(number) == 0:
            return []
        messages = _messages(_accepted(connection.uid("FETCH", "1:*", _FIELDS)))
        if len(messages) != int(number):
            raise ConnectorError("The folder changed while it was listed. Run it again.")
        return messages

    def _open(self) -> imaplib.IMAP4_SSL:
        """Return the connection, with the folder opened to read only."""
        if self._connection is not None:
            return self._connection
        address = self._address
        connection = imaplib.IMAP4_SSL(
            address.host, address.port, ssl_context=self._context, timeout=_SECONDS
        )
        weakref.finalize(self, connection.shutdown)
        self._sign_in(connection)
        _accepted(connection.select(_quoted(_folder_name(address.folder)), readonly=True))
        self._validity = _number(connection, "UIDVALIDITY")
        self._connection = connection
        return connection

    def _sign_in(self, connection: imaplib.IMAP4_SSL) -> None:
        """Sign in; the server's own words stay out of the error, they may have the password."""
        password = self._password()
        if not _NO_CONTROL.fullmatch(password) or not (self._address.user + password).isascii():
            raise ConnectorError("IMAP takes names and passwords of ASCII characters only.")
        try:
            _accepted(connection.login(_quoted(self._address.user), password))
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            raise ConnectorError("The mail server refuses the name or the password.") from None


def _accepted(answer: tuple[str, list[Any]]) -> list[Any]:
    state, data = answer
    if state != "OK":
        raise imaplib.IMAP4.error(f"the server answers {state}")
    return data


def _number(connection: imaplib.IMAP4_SSL, name: str) -> str:
    """Return a number that the server gave when the folder was opened."""
    value = connection.response(name)[1][0]
    if not isinstance(value, bytes) or not value.isdigit():
        raise ConnectorError(f"The mail server gives no {name}.")
    return value.decode()


def _messages(lines: list[Any]) -> list[_Message]:
    """Return the messages of a listing: a tuple has a literal, and the rest of a line follows."""
    messages = []
    for index, line in enumerate(lines):
        if not isinstance(line, tuple):
            continue
        rest = lines[index + 1] if index + 1 < len(lines) else b""
        text = line[0] + b" " + (rest if isinstance(rest, bytes) else b"")
        uid, size = re.search(rb"\bUID (\d+)", text), re.search(rb"\bRFC822\.SIZE (\d+)", text)
        if uid is None or size is None:
            raise ConnectorError("The mail server's listing is none that IMAP describes.")
        message_id = _MESSAGE_ID.search(re.sub(rb"\r\n[ \t]+", b" ", line[1]))
        messages.append(
            _Message(
                uid[1].decode(), int(size[1]), rb"\deleted" in text.lower(),
                message_id[1].decode() if message_id else None,
            )
        )  # fmt: skip
    return messages


def _folder_name(name: str) -> str:
    """Return a folder's name in IMAP's form of UTF-7, in which ``&`` begins other characters."""

    def encode(run: re.Match[str]) -> str:
        if run[0] == "&":
            return "&-"
        text = base64.b64encode(run[0].encode("utf-16-be")).decode().rstrip("=")
        return f"&{text.replace('/', ',')}-"

    return re.sub(r"&|[^\x20-\x7e]+", encode, name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
