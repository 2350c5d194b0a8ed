"""A scripted model server on loopback: OpenAI's chat API, and the ways that real ones break."""

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Mode = Literal["normal", "reset", "garbage", "unavailable", "slow", "hang", "error", "refuse"]


@dataclass
class ModelServer:
    """What the server does next; tests change it while it runs."""

    url: str
    script: str = "The ferry leaves at nine. [1]"
    mode: Mode = "normal"
    failures: int = 0
    """Answer 503 to this many requests first, then behave as ``mode`` says."""
    step_s: float = 0.2
    """What ``slow`` waits before each piece."""
    counted: int = 0
    """Texts that ``/tokenize`` was asked for; a word is a token."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set once a client left before the end."""
    stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def running_model_server(**settings: Any) -> Iterator[ModelServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    http = _Server(("127.0.0.1", 0), _Handler)
    http.state = ModelServer(f"http://127.0.0.1:{http.server_port}", **settings)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield http.state
    finally:
        http.state.stop.set()
        http.shutdown()
        http.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    state: ModelServer

    def handle_error(self, *_: Any) -> None:
        """Say nothing of connections that were cut on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def state(self) -> ModelServer:
        assert isinstance(self.server, _Server)
        return self.server.state

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._say({"status": "ok"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/tokenize":
            self.state.counted += 1
            self._say({"count": len(json.loads(body)["prompt"].split())})
            return
        self.state.requests.append(json.loads(body))
        if len(self.state.requests) <= self.state.failures or self.state.mode == "unavailable":
            self._refuse(503)
        elif self.state.mode == "refuse":
            self._refuse(404)
        elif self.state.mode == "hang":
            self._start()
            self.state.stop.wait(30)
        else:
            self._reply()

    def _refuse(self, status: int) -> None:
        self._say({"error": {"message": "no", "code": status}}, status)

    def _say(self, value: dict[str, Any], status: int = 200) -> None:
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _start(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True

    def _reply(self) -> None:
        self._start()
        pieces = self.state.script.split(" ")
        try:
            if self.state.mode == "garbage":
                self.wfile.write(b"data: {not json\n\n<html>\n")
                return
            for number, piece in enumerate(pieces):
                if number == len(pieces) // 2 and self._break_off():
                    return
                if self.state.mode == "slow":
                    time.sleep(self.state.step_s)
                self._send({"choices": [{"index": 0, "delta": {"content": f"{piece} "}}]})
            usage = {"prompt_tokens": 11, "completion_tokens": len(pieces)}
            self._send({"choices": [], "usage": usage})
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            self.state.gone.set()

    def _break_off(self) -> bool:
        if self.state.mode == "error":
            self._send({"error": {"message": "out of memory"}})
            return True
        if self.state.mode == "reset":
            now = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
            return True
        return False

    def _send(self, event: dict[str, Any]) -> None:
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()
