"""A small application behind the service's own front door, and raw connections to it."""

import socket
import threading
from contextlib import ExitStack, contextmanager

import uvicorn

from api.http_server.limited_protocol import ConnectionLimits, limited_protocol

REQUEST = b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"


def is_answered(connection):
    """Tell whether the next thing that comes is a good answer."""
    return connection.recv(65536).startswith(b"HTTP/1.1 200")


async def hello(scope, receive, send):
    """Answer every request."""
    if scope["type"] != "http":
        return
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello"})


@contextmanager
def serving(**limits):
    """Serve on a free port until the block ends; yield what connects to it."""
    limits = ConnectionLimits(**limits)
    config = uvicorn.Config(
        hello, http=limited_protocol(limits), ws="none", lifespan="off", log_config=None,
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    with ExitStack() as stack:

        def connect(*data):
            connection = stack.enter_context(
                socket.create_connection(listener.getsockname(), timeout=30)
            )
            for part in data:
                connection.sendall(part)
            return connection

        try:
            yield connect
        finally:
            server.should_exit = True
            thread.join(30)
            listener.close()
