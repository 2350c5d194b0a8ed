"""No connection costs the service more than it may before its request is read."""

import time

import pytest

from api.http_server.idle_connections import IdleConnections
from tests.fakes.http_server import REQUEST, is_answered, serving

QUICK = 0.3


def read_all(connection):
    """Return what comes until the other end closes."""
    received = b""
    try:
        while block := connection.recv(65536):
            received += block
    except ConnectionResetError:
        pass
    return received


def drip(connection):
    """Send a header now and then, for half a minute at most."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        connection.sendall(b"X-Drip: 1\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("start", [b"", b"GET /x HTTP/1.1\r\nHost: local"])
def test_a_connection_whose_headers_do_not_come_is_closed(start):
    with serving(header_seconds=QUICK) as connect:
        assert b" 408 " in read_all(connect(start))


def test_headers_that_drip_are_given_up_all_the_same():
    with serving(header_seconds=QUICK) as connect:
        connection = connect(b"GET /x HTTP/1.1\r\n")
        with pytest.raises(OSError, match=r"pipe|reset"):
            drip(connection)


def test_a_kept_connection_may_rest_longer_than_headers_take_but_not_drip_the_next_ones():
    with serving(header_seconds=2.0) as connect:
        connection = connect(REQUEST)
        assert is_answered(connection)
        time.sleep(2.5)
        connection.sendall(REQUEST)
        assert is_answered(connection)
        connection.sendall(b"GET /x")
        assert b" 408 " in read_all(connection)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["in pieces", "at once"])
@pytest.mark.parametrize("headers", [b"X: " + b"x" * 8192, b"X: 1\r\n" * 800 + b"Y: 1"])
def test_headers_over_their_size_are_refused(headers, end):
    with serving(header_bytes=4096) as connect:
        connection = connect(b"GET /x HTTP/1.1\r\nHost: a\r\n" + headers + end)
        assert read_all(connection).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    "headers",
    [
        b"Host: localhost\r\nHost: evil\r\n",
        b"Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        b"Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"Host : a\r\n",
        b"",
    ],
)
def test_headers_that_two_servers_may_read_in_two_ways_are_refused(headers):
    with serving() as connect:
        connection = connect(b"GET /x HTTP/1.1\r\n" + headers + b"\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400")


def test_two_hundred_half_open_connections_keep_nobody_out():
    with serving(idle=50, header_seconds=600) as connect:
        half_open = [connect(b"GET /x HTTP/1.1\r\n") for _ in range(200)]
        assert all(is_answered(connect(REQUEST)) for _ in range(20))
        assert read_all(half_open[0]) == b""


def test_one_address_has_its_own_share_and_the_oldest_of_it_goes_first():
    closed = []
    idle = IdleConnections(most=4, most_of_address=2)

    def add(name, address):
        idle.add(name, address, lambda: closed.append(name))

    for name, address in [("a1", "a"), ("b1", "b"), ("a2", "a"), ("a3", "a")]:
        add(name, address)
    assert closed == ["a1"]
    idle.remove("a2")
    for name, address in [("a4", "a"), ("c1", "c"), ("d1", "d")]:
        add(name, address)
    assert closed == ["a1", "b1"]
    assert len(idle) == 4
