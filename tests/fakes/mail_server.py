"""A small IMAP server on loopback, over TLS, that knows reading alone."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from index.db.tables.base import utc_now


@dataclass
class Mailbox:
    """One folder, and the commands that came."""

    port: int = 0
    context: ssl.SSLContext | None = None
    """For clients: it trusts this server."""
    folder: str = "INBOX"
    password: str = "s3cret"
    validity: int = 7
    messages: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    is_broken: bool = False
    next_uid: int = 1

    def put(self, message_id: str | None, text: str) -> int:
        """Append a message; one with the same id is expunged, as a program edits a draft."""
        head = f"Message-ID: <{message_id}>\r\n" if message_id else ""
        self.remove(message_id)
        return self.append(f"{head}From: a@example.org\r\n\r\n{text}".encode())

    def append(self, message: bytes) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.messages[uid] = message
        return uid

    def remove(self, message_id) -> None:
        head = f"Message-ID: <{message_id}>\r\n".encode()
        self.messages = {u: m for u, m in self.messages.items() if not m.startswith(head)}


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("* OK ready")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.mailbox.commands.append(command)
            name, _, rest = command.partition(" ")
            answer = getattr(self, f"on_{name.lower()}", None)
            state = answer(rest) if answer else "BAD unknown"
            self.say(f"{tag} {state}")
            if name == "LOGOUT":
                return

    @property
    def mailbox(self) -> Mailbox:
        return self.server.mailbox

    def say(self, text, literal=None, end=""):
        body = text.encode() + (b"" if literal is None else literal + end.encode())
        self.wfile.write(body + b"\r\n")

    def on_capability(self, rest):
        self.say("* CAPABILITY IMAP4rev1")
        return "OK done"

    def on_login(self, rest):
        is_right = rest == f'"ann@example.org" "{self.mailbox.password}"'
        return "OK done" if is_right else f"NO wrong: {rest}"

    def on_examine(self, rest):
        if rest != f'"{self.mailbox.folder}"':
            return "NO there is no such folder"
        self.say(f"* {len(self.mailbox.messages)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.mailbox.validity}] valid")
        return "OK [READ-ONLY] done"

    def on_uid(self, rest):
        if self.mailbox.is_broken:
            return "NO broken"
        part = re.fullmatch(r"FETCH (\d+) \(BODY.PEEK\[\]<(\d+)\.(\d+)>\)", rest)
        if part is None:
            return self.list_all()
        uid, start, length = map(int, part.groups())
        if uid in self.mailbox.messages:
            literal = self.mailbox.messages[uid][start : start + length]
            self.say(f"* 1 FETCH (UID {uid} BODY[]<{start}> {{{len(literal)}}}\r\n", literal, ")")
        return "OK done"

    def list_all(self):
        for number, (uid, message) in enumerate(self.mailbox.messages.items(), 1):
            head = message.partition(b"From:")[0] + b"\r\n"
            flags = self.mailbox.flags.get(uid, "")
            about = f"UID {uid} RFC822.SIZE {len(message)} FLAGS ({flags})"
            field = f"BODY[HEADER.FIELDS (MESSAGE-ID)] {{{len(head)}}}\r\n"
            if number % 2:
                self.say(f"* {number} FETCH ({about} {field}", head, ")")
            else:  # servers give a message's facts in any order
                self.say(f"* {number} FETCH ({field}", head, f" {about})")
        return "OK done"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def get_request(self):
        connection, address = super().get_request()
        return self.context.wrap_socket(connection, server_side=True), address

    def handle_error(self, request, client_address):
        """Say nothing: a client went away."""


@contextmanager
def running_mailbox(folder) -> Iterator[Mailbox]:
    """Serve an empty mailbox of ``ann@example.org``; the folder is for the certificate."""
    path = _certificate(folder)
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(path)
        mailbox = Mailbox(server.server_address[1], ssl.create_default_context(cafile=path))
        server.mailbox = mailbox
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield mailbox
        server.shutdown()
        thread.join()


def _certificate(folder):
    """Write a key and a certificate for ``localhost`` into one file, and return its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(secret + certificate.public_bytes(pem))
    return path
