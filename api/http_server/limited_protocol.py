"""HTTP/1.1 as uvicorn and h11 speak it, with limits on headers, their time, and idle connections.

h11 refuses what proxies and servers may read in two ways: two Host headers, two lengths, line
breaks in names. uvicorn has no time limit for headers, so a connection that sends a byte now and
then would stay for ever.
"""

import asyncio
import functools
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.http_server.idle_connections import IdleConnections
from api.settings import Settings

TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"connection: close\r\ncontent-length: 32\r\n\r\nThe headers took longer to come."
)


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The cost that a connection may have before its request is read."""

    header_seconds: float = 10.0
    """From the first byte, or the connection, to the end of the headers."""
    header_bytes: int = 32_768
    """Of the request line and all headers together."""
    idle: int = 1024
    """Connections without a request."""
    idle_of_address: int = 0
    """Of these, from one address; 0 means as many as there are."""

    @classmethod
    def of(cls, settings: Settings) -> "ConnectionLimits":
        """Return the configured limits."""
        return cls(
            settings.header_seconds, settings.header_bytes,
            settings.idle_connections, settings.idle_connections_per_address,
        )  # fmt: skip


class StrictConnection(h11.Connection):
    """Reads a connection as h11 does, and refuses two things that h11 lets pass.

    h11 looks at the size of headers only while some of them are missing, so headers that came at
    once were not measured. And it reads a body that has a length and chunks by its chunks, where a
    proxy may go by the length.
    """

    def __init__(self, header_bytes: int) -> None:
        super().__init__(h11.SERVER, header_bytes)
        self._header_bytes = header_bytes

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """Return the next event.

        Raises:
            RemoteProtocolError: the other end does not speak HTTP as it must.

        """
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._check(event)
        return event

    def _check(self, request: h11.Request) -> None:
        size = len(request.method) + len(request.target)
        size += sum(len(name) + len(value) + len(": \r\n") for name, value in request.headers)
        if size > self._header_bytes:
            raise h11.RemoteProtocolError("headers too long", error_status_hint=431)
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in request.headers}:
            raise h11.RemoteProtocolError("a body with a length and with chunks")


class LimitedProtocol(H11Protocol):
    """One connection."""

    def __init__(
        self, *arguments: Any, limits: ConnectionLimits, idle: IdleConnections, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.conn = StrictConnection(limits.header_bytes)
        self._limits = limits
        self._idle = idle
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait_for_request()
        self._start_header_timer()

    def data_received(self, data: bytes) -> None:
        """Read on; once the headers are whole the connection waits no more."""
        if self._header_timer is None and not self._has_request:
            self._start_header_timer()
        super().data_received(data)
        if self._has_request or self.conn.our_state is h11.ERROR:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        """Wait for the next request, unless one has come already."""
        super().on_response_complete()
        if self._has_request or self.transport.is_closing():
            return
        self._wait_for_request()
        if self.conn.trailing_data[0]:
            self._start_header_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def _has_request(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_request(self) -> None:
        address = self.client[0] if self.client else ""
        self._idle.add(self, address, self._close)

    def _stop_waiting(self) -> None:
        self._idle.remove(self)
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _start_header_timer(self) -> None:
        if self._header_timer is None:
            self._header_timer = self.loop.call_later(
                self._limits.header_seconds, self._give_up_waiting
            )

    def _give_up_waiting(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(TOO_SLOW)
        self._close()

    def _close(self) -> None:
        """Close, also where the other end reads nothing: what is not taken by now is dropped."""
        self._stop_waiting()
        self.transport.close()
        self.loop.call_later(1.0, self.transport.abort)


def limited_protocol(limits: ConnectionLimits) -> Any:
    """Return what makes a connection of one server, as ``uvicorn.Config(http=...)`` takes it."""
    idle = IdleConnections(limits.idle, limits.idle_of_address)
    return functools.partial(LimitedProtocol, limits=limits, idle=idle)
