"""Fetch what somebody named by URL, or post to it; it cannot be turned against the inner network.

Only http and https; public addresses unless the operator allows more; each host resolved once and
the checked address used; every redirect checked like the first URL; proxies of the environment
are never asked; time and size have limits, also against a server that drips.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin

import httpcore
import httpx

from index.egress.address_policy import Networks, permitted_address, resolve
from index.egress.pinned_transport import Deadline, PinnedBackend, Resolve
from index.errors import FetchError, FetchLimitError, UrlRefusedError

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_HEADERS = ((b"Accept", b"*/*"), (b"Accept-Encoding", b"identity"), (b"User-Agent", b"footnote"))
_POST_SECONDS = 15.0
"""The longest that a receiver of a post may take to answer."""
_TROUBLE = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
URL_LENGTH = 2000
LARGEST_PORT = 65_535
_REFUSAL_BYTES = 4096

_Headers = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """The limits of one fetch: time, size and redirects."""

    seconds: float = 30.0
    """From the first lookup to the last byte."""
    size: int = 100_000_000
    """Bytes of the body."""
    redirects: int = 5
    step_seconds: float = 10.0
    """The longest silence."""


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A response whose body is read once, block by block."""

    url: str
    """Where it came from in the end, after redirects."""
    filename: str
    """The file name that the server gives, else the last segment of the path; never a path."""
    media_type: str | None
    blocks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _OutgoingRequest:
    """One request to a checked URL."""

    method: str
    url: httpx.URL
    body: bytes | None = None
    headers: _Headers = ()


class Fetcher:
    """The client for URLs that users supply."""

    def __init__(
        self,
        *,
        allowed_networks: Networks = (),
        limits: FetchLimits | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._allowed_networks = allowed_networks
        self._limits = limits or FetchLimits()
        self._resolver = resolver

    @contextmanager
    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[FetchedFile]:
        """Yield what is at a URL.

        ``headers``, such as a token, go to the URL's own origin alone, and to no other that it
        redirects to. With them, an error has the beginning of the server's refusal.

        Raises:
            UrlRefusedError: the URL is none that we follow, or leads to an inner address.
            FetchLimitError: it takes too long or is too large; also raised while it is read.
            FetchError: the server cannot be reached, or does not have it.

        """
        deadline = Deadline(self._limits.seconds)
        backend = PinnedBackend(self._resolver, self._allowed_networks, deadline)
        own_headers = _encoded(headers or {})
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend) as pool,
                self._follow(pool, check_url(url), own_headers) as (final, response),
            ):
                if headers and response.status != httpx.codes.OK:
                    raise _not_ok(response.status, _beginning(response))
                yield self._open_body(final, response)
        except _TROUBLE as error:
            deadline.seconds_left()
            raise FetchError("The server at this URL does not answer as it should.") from error

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a body to a URL and return the status of the answer, which is not read.

        No redirect is followed: what is sent is meant for this URL.

        Raises:
            UrlRefusedError: the URL is none that we send to, or leads to an inner address.
            FetchLimitError: the answer takes too long.
            FetchError: the server cannot be reached.

        """
        deadline = Deadline(min(self._limits.seconds, _POST_SECONDS))
        backend = PinnedBackend(self._resolver, self._allowed_networks, deadline)
        request = _OutgoingRequest("POST", check_url(url), body, _encoded(headers))
        try:
            with (
                httpcore.ConnectionPool(network_backend=backend) as pool,
                self._send(pool, request) as response,
            ):
                return response.status
        except _TROUBLE as error:
            deadline.seconds_left()
            raise FetchError("The server at this URL does not answer as it should.") from error

    def check_address(self, url: str) -> None:
        """Check that a URL leads where something may be sent now; nothing is sent.

        Raises:
            UrlRefusedError: it does not.

        """
        checked_url = check_url(url)
        port = checked_url.port or _PORTS[checked_url.scheme]
        permitted_address(self._resolver(checked_url.host, port), self._allowed_networks)

    @contextmanager
    def _follow(
        self, pool: httpcore.ConnectionPool, url: httpx.URL, headers: _Headers
    ) -> Iterator[tuple[httpx.URL, httpcore.Response]]:
        origin = _origin(url)
        for _ in range(self._limits.redirects + 1):
            own_headers = headers if _origin(url) == origin else ()
            with self._send(pool, _OutgoingRequest("GET", url, None, own_headers)) as response:
                if response.status not in _REDIRECTS:
                    yield url, response
                    return
                url = _redirect_target(url, _header(response, b"location"))
        raise FetchError(f"The URL redirects more than {self._limits.redirects} times.")

    @contextmanager
    def _send(
        self, pool: httpcore.ConnectionPool, request: "_OutgoingRequest"
    ) -> Iterator[httpcore.Response]:
        url, step = request.url, self._limits.step_seconds
        port = url.port or _PORTS[url.scheme]
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        host = url.raw_host if port == _PORTS[url.scheme] else url.raw_host + f":{port}".encode()
        with pool.stream(
            request.method,
            target,
            headers=[(b"Host", host), *_HEADERS, *request.headers],
            content=request.body,
            extensions={"timeout": {"connect": step, "read": step, "write": step, "pool": step}},
        ) as response:
            yield response

    def _open_body(self, url: httpx.URL, response: httpcore.Response) -> FetchedFile:
        if response.status != httpx.codes.OK:
            raise _not_ok(response.status)
        if _header(response, b"content-encoding").lower() not in {"", "identity"}:
            raise FetchError("The server sends a compressed body although none was asked for.")
        length = _header(response, b"content-length")
        if length.isdigit() and int(length) > self._limits.size:
            raise self._too_large()
        kind = _header(response, b"content-type").partition(";")[0].strip().lower()
        return FetchedFile(
            str(url), _filename(url, response), kind or None, self._limited_blocks(response)
        )

    def _limited_blocks(self, response: httpcore.Response) -> Iterator[bytes]:
        received_bytes = 0
        for block in response.iter_stream():
            received_bytes += len(block)
            if received_bytes > self._limits.size:
                raise self._too_large()
            yield block

    def _too_large(self) -> FetchLimitError:
        return FetchLimitError(f"What is at the URL is over {self._limits.size:,} bytes.")


def check_url(text: str) -> httpx.URL:
    """Return a URL that we are willing to follow.

    Raises:
        UrlRefusedError: another scheme, no host, a password in it, too long, or not a URL.

    """
    try:
        url = httpx.URL(text if len(text) <= URL_LENGTH else "")
        host = url.host  # decoded here, where a name such as xn-- is found to be none
    except (httpx.InvalidURL, UnicodeError):
        raise UrlRefusedError("This is not a URL.") from None
    if url.port is not None and not 0 < url.port <= LARGEST_PORT:  # the system would wrap it round
        raise UrlRefusedError("This is not a URL: there is no such port.")
    if url.scheme not in _PORTS or not host:
        raise UrlRefusedError("Only http and https URLs of at most 2,000 characters are fetched.")
    if url.userinfo:
        raise UrlRefusedError("A URL with a name or a password in it is not fetched.")
    return url


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or _PORTS[url.scheme]


def _encoded(headers: Mapping[str, str]) -> _Headers:
    return tuple((name.encode(), value.encode()) for name, value in headers.items())


def _not_ok(status: int, refusal: bytes = b"") -> FetchError:
    message = f"The server answers this URL with {status}."
    return FetchError(message, answered=status, refusal=refusal)


def _beginning(response: httpcore.Response) -> bytes:
    """Return the first bytes of a refusal."""
    text = b""
    for block in response.iter_stream():
        text += block
        if len(text) >= _REFUSAL_BYTES:
            break
    return text[:_REFUSAL_BYTES]


def _redirect_target(url: httpx.URL, location: str) -> httpx.URL:
    try:
        target_text = urljoin(str(url), location)
    except ValueError as error:
        raise UrlRefusedError("The URL redirects to what is no URL.") from error
    target = check_url(target_text)
    if url.scheme == "https" and target.scheme == "http":
        raise UrlRefusedError("The URL redirects from https to http.")
    return target


def _filename(url: httpx.URL, response: httpcore.Response) -> str:
    message = Message()
    message["Content-Disposition"] = _header(response, b"content-disposition")
    try:
        header_name = message.get_filename()
    except ValueError:  # a character set that decodes nothing
        header_name = None
    return header_name or unquote(PurePosixPath(url.path).name) or url.host


def _header(response: httpcore.Response, name: bytes) -> str:
    values: Sequence[bytes] = [value for key, value in response.headers if key.lower() == name]
    return values[-1].decode("latin-1") if values else ""
