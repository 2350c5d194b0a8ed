"""One request over ASGI, whose connection the test holds in its hands."""

import asyncio
import json
import time


class OpenRequest:
    """A request to an application; what the application sends is in ``sent`` at once."""

    def __init__(self, app, key, method, path, body=None, *, headers=None):
        self._app = app
        self._body = "" if body is None else json.dumps(body)
        self._left = asyncio.Event()
        self.stuck = False
        self.sent = []
        headers = {
            "host": "localhost",
            "authorization": f"Bearer {key}",
            **({"content-type": "application/json"} if self._body else {}),
            "content-length": str(len(self._body.encode())),
            **(headers or {}),
        }
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
            "root_path": "", "client": ("127.0.0.1", 1), "server": ("localhost", 80), "state": {},
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip

    async def run(self):
        """Send the request and take the answer until its end."""
        await self._app(self._scope, self._receive, self._send)

    def leave(self):
        """Close the connection."""
        self._left.set()

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None

    @property
    def text(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:]).decode()

    async def _receive(self):
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body.encode(), "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if self.stuck:
            await asyncio.sleep(60)
        self.sent.append(message)


async def until(true, seconds=120.0):
    """Wait until something is true; fail where it does not become so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)
