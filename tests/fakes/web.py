"""A web server on loopback whose pages, redirects and bad manners a test chooses."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.fakes.threaded_server import answering_with

Page = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Web:
    """Pages by path, and the requests that came."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Host header and path of each request."""

    def url(self, path: str, host: str = "web.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def text(self, path: str, body: str, **headers: str) -> None:
        self.pages[path] = lambda handler: send(handler, 200, body.encode(), headers)

    def redirect(self, path: str, target: str) -> None:
        self.pages[path] = lambda handler: send(handler, 302, b"", {"Location": target})

    def drip(self, path: str) -> None:
        def page(handler: BaseHTTPRequestHandler) -> None:
            send(handler, 200, b"", {"Content-Length": "1000"}, length=False)
            with suppress(OSError):
                for _ in range(1000):
                    handler.wfile.write(b".")
                    time.sleep(0.02)

        self.pages[path] = page


def send(handler, status, body, headers, *, length=True):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if length:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    with suppress(OSError):
        handler.wfile.write(body)


@contextmanager
def running_web() -> Iterator[Web]:
    """Serve on a free port of 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

        def do_GET(self):
            web.requests.append((self.headers["Host"], self.path))
            page = web.pages.get(self.path)
            page(self) if page else send(self, 404, b"", {})

        do_POST = do_GET  # noqa: N815 - the library's own name

    with answering_with(Handler) as port:
        web = Web(port)
        yield web
