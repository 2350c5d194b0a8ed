"""Connections to an address that was checked: resolved once, and connected to as it was."""

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from index.egress.address_policy import Networks, permitted_address
from index.errors import FetchLimitError

Resolve = Callable[[str, int], list[str]]
"""From a host and a port to addresses."""


class Deadline:
    """A moment after which nothing of one fetch goes on."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._seconds = seconds

    def seconds_left(self, limit: float | None = None) -> float:
        """Return how long a step may take.

        Raises:
            FetchLimitError: the time is up.

        """
        seconds_left = self._end - time.monotonic()
        if seconds_left <= 0:
            raise FetchLimitError(f"The URL took longer than {self._seconds:g} s.")
        return seconds_left if limit is None else min(seconds_left, limit)


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves a host, checks every address, and connects to the very address it checked.

    The library asks for a connection by name; nothing resolves the name a second time, so an
    answer that changes in between (DNS rebinding) changes nothing.
    """

    def __init__(self, resolve: Resolve, allowed_networks: Networks, deadline: Deadline) -> None:
        self._resolve = resolve
        self._allowed_networks = allowed_networks
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to a permitted address of the host."""
        address = permitted_address(self._resolve(host, port), self._allowed_networks)
        stream = self._inner.connect_tcp(
            address, port, self._deadline.seconds_left(timeout), local_address, socket_options
        )
        return _TimedStream(stream, self._deadline)


class _TimedStream(httpcore.NetworkStream):
    """A stream that ends with its deadline, however slowly the bytes drip."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.seconds_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.seconds_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        seconds_left = self._deadline.seconds_left(timeout)
        return _TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, seconds_left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
