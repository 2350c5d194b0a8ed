"""A scripted model server on loopback: OpenAI's chat API, and the ways that real ones break.

    python -m tests.fakes.model_server --slots 32 --prefill 8000 --step-ms 20 --kv 65536

As a program it prints its address and serves until it is told to stop; in tests it is a context.
It runs on one thread without a framework, so that it is not what a benchmark measures.
"""

import argparse
import asyncio
import json
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from tests.fakes.model_engine import Engine, EngineLimits, Sequence
from tests.fakes.model_replies import Events, cited_reply, completion, pieces_of, prompt_tokens

Mode = Literal["normal", "reset", "garbage", "unavailable", "slow", "hang", "error", "refuse"]
"""``hang``: the engine stands still, and ``/health`` says that it is well. ``reset`` and ``error``
break off in the middle of a reply; ``unavailable`` is 503, ``refuse`` 404."""


@dataclass
class ModelServer:
    """A server whose next replies a test may change while it runs."""

    url: str = ""
    script: str | None = "The ferry leaves at nine. [1]"
    """The text of every reply; none: the passages of its prompt, quoted and cited."""
    speak: Callable[[str], str] | None = None
    """Returns the reply to a prompt's last message, instead of the script."""
    mode: Mode = "normal"
    failures: int = 0
    """Answer 503 to this many requests first, then behave as ``mode`` says."""
    step_s: float = 0.2
    """Seconds of a step in the mode ``slow``."""
    limits: EngineLimits = field(default_factory=EngineLimits)
    remembered: int = 10_000
    """Requests that are kept at most: the newest."""
    token_requests: int = 0
    """Texts that ``/tokenize`` was asked for; a word is a token."""
    forms: bool = True
    """Takes `response_format`; a server that does not refuses with 400."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    client_left: threading.Event = field(default_factory=threading.Event)
    """Set once a client left before the end."""


@contextmanager
def running_model_server(**settings: Any) -> Iterator[ModelServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    state = ModelServer(**settings)
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(serve(state, stop, ready.set)), daemon=True
    )
    thread.start()
    try:
        assert ready.wait(10), "the model server did not start"
        yield state
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


async def serve(state: ModelServer, stop: asyncio.Event, ready: Any, port: int = 0) -> None:
    """Serve until told to stop; ``ready`` is called once ``state.url`` is the address."""
    loop = asyncio.get_running_loop()
    batch = _Batch(state)
    connections: set[_Connection] = set()
    http = await loop.create_server(partial(_Connection, batch, connections), "127.0.0.1", port)
    state.url = f"http://127.0.0.1:{http.sockets[0].getsockname()[1]}"
    steps = loop.create_task(batch.run())
    ready()
    await asyncio.wait({steps, loop.create_task(stop.wait())}, return_when="FIRST_COMPLETED")
    if steps.done():
        steps.result()  # it never returns: it has failed
    steps.cancel()
    http.close()
    for connection in tuple(connections):
        connection.drop()
    await asyncio.sleep(0)


class _Batch:
    """The engine, stepped by the clock."""

    def __init__(self, state: ModelServer) -> None:
        self.state = state
        self.engine = Engine(state.limits)
        self._work = asyncio.Event()

    def submit(self, sequence: Sequence) -> None:
        self.engine.submit(sequence)
        self._work.set()

    async def run(self) -> None:
        """Step while there is work. A step that comes late does not make the next one late."""
        loop = asyncio.get_running_loop()
        while True:
            await self._work.wait()
            due = loop.time()
            while self.engine.busy:
                due += self.state.step_s if self.state.mode == "slow" else self.state.limits.step_s
                await asyncio.sleep(max(0.0, due - loop.time()))
                if self.state.mode == "hang":
                    due = loop.time()
                else:
                    self.engine.step()
            self._work.clear()


class _Connection(asyncio.Protocol):
    """One client's connection: a request at a time, kept open between them."""

    def __init__(self, batch: _Batch, connections: "set[_Connection]") -> None:
        self._batch, self._state = batch, batch.state
        self._connections = connections
        self._unread = bytearray()
        self._reply: _Reply | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._reply is not None:
            self._batch.engine.cancel(self._reply.sequence)
            self._state.client_left.set()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        head, separator, rest = self._unread.partition(b"\r\n\r\n")
        if not separator:
            return
        length = next(
            (
                int(line[15:])
                for line in head.split(b"\r\n")
                if line[:15].lower() == b"content-length:"
            ),
            0,
        )
        if len(rest) >= length:
            self._unread = rest[length:]
            self._answer(head.split(b" ", 2)[1].decode(), bytes(rest[:length]))

    def drop(self) -> None:
        """Cut the connection; its client is told nothing."""
        self._transport.abort()

    def _answer(self, path: str, body: bytes) -> None:
        if path == "/tokenize":
            self._state.token_requests += 1
            self._say({"count": len(json.loads(body)["prompt"].split())})
        elif path == "/v1/models":
            self._say({"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        elif path == "/requests":
            self._say(self._state.requests)
        elif path == "/metrics":
            self._send(200, _metrics(self._batch.engine).encode(), "text/plain; version=0.0.4")
        elif path == "/v1/chat/completions":
            self._chat(json.loads(body))
        else:
            self._say({"status": "ok"})

    def _chat(self, body: dict[str, Any]) -> None:
        state = self._state
        state.requests.append(body)
        del state.requests[: -state.remembered or None]
        if state.failures or state.mode == "unavailable":
            state.failures = max(0, state.failures - 1)
            self._refuse(503)
        elif state.mode == "refuse" or (not state.forms and "response_format" in body):
            self._refuse(404)
        else:
            script = state.speak(body["messages"][-1]["content"]) if state.speak else state.script
            self._begin(_Reply(body, script, self._send_part))

    def _begin(self, reply: "_Reply") -> None:
        if not self._batch.engine.fits(reply.sequence):
            self._refuse(400)
            return
        if reply.stream:
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
            )
            if self._state.mode == "garbage":
                self._chunk(b"data: {not json\n\n<html>\n", last=True)
                return
        self._reply = reply
        self._batch.submit(reply.sequence)

    def _send_part(self, reply: "_Reply") -> None:
        """Send what the sequence has just written, or break off in the middle."""
        mode, token_count, is_finished = (
            self._state.mode,
            reply.sequence.tokens_written,
            reply.sequence.done,
        )
        if mode in {"reset", "error"} and token_count > reply.sequence.reply_tokens // 2:
            self._break_off(reply, mode)
        elif reply.stream:
            self._chunk(reply.events_at(token_count), last=is_finished)
        elif is_finished:
            body = b"{not json" if mode == "garbage" else reply.whole()
            self._send(200, body)
        if is_finished:
            self._reply = None

    def _break_off(self, reply: "_Reply", mode: Mode) -> None:
        self._batch.engine.cancel(reply.sequence)
        self._reply = None
        if mode == "error":
            self._chunk(b'data: {"error": {"message": "out of memory"}}\n\n', last=True)
            return
        now = struct.pack("ii", 1, 0)
        self._transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, now
        )
        self._transport.abort()

    def _chunk(self, data: bytes, *, last: bool) -> None:
        self._transport.write(b"%x\r\n%b\r\n%b" % (len(data), data, b"0\r\n\r\n" if last else b""))

    def _refuse(self, status: int) -> None:
        self._say({"error": {"message": "no", "code": status}}, status)

    def _say(self, value: Any, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        head = f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)


class _Reply:
    """One reply: its words, its place in the batch, and its form on the wire."""

    def __init__(self, body: dict[str, Any], script: str | None, send: Any) -> None:
        messages = body["messages"]
        text = cited_reply(messages) if script is None else script
        self._pieces, self._ending = pieces_of(text, body.get("max_tokens"))
        tokens = max(1, len(self._pieces))
        prompt_size = prompt_tokens(messages)
        self.sequence = Sequence(prompt_size, tokens, lambda _: send(self))
        self.stream = bool(body.get("stream"))
        self._model = str(body.get("model"))
        self._usage = {
            "prompt_tokens": prompt_size,
            "completion_tokens": tokens,
            "total_tokens": prompt_size + tokens,
        }
        self._told = bool((body.get("stream_options") or {}).get("include_usage"))
        self._events = Events(self._model)

    def events_at(self, token_count: int) -> bytes:
        """Return the events of one step."""
        events = b"".join(map(self._events.piece, self._pieces[token_count - 1 : token_count]))
        if self.sequence.done:
            events += self._events.end(self._ending, self._usage if self._told else None)
        return events

    def whole(self) -> bytes:
        """Return the reply in one body."""
        return completion(self._model, "".join(self._pieces), self._ending, self._usage)


def _metrics(engine: Engine) -> str:
    """Return the gauges that vLLM has under the same names."""
    return (
        f"vllm:num_requests_running {len(engine.running)}\n"
        f"vllm:num_requests_waiting {len(engine.waiting)}\n"
        f"vllm:kv_cache_usage_perc {engine.kv_taken / engine.limits.kv_tokens:.6f}\n"
    )


async def _main(options: argparse.Namespace) -> None:
    limits = EngineLimits(options.slots, options.prefill, options.step_ms / 1000, options.kv)
    state = ModelServer(
        script=options.script, mode=options.mode, limits=limits, remembered=options.remember
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(state, stop, lambda: print(state.url, flush=True), options.port)  # noqa: T201


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A scripted model server.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--slots", type=int, default=EngineLimits().slots)
    parser.add_argument("--prefill", type=float, default=8_000.0, help="prompt tokens a second")
    parser.add_argument("--step-ms", type=float, default=20.0)
    parser.add_argument("--kv", type=int, default=10_000_000, help="tokens the cache holds")
    parser.add_argument("--script", help="what it says; default: quotes the prompt's passages")
    parser.add_argument("--mode", default="normal")
    parser.add_argument("--remember", type=int, default=100, help="requests shown at /requests")
    return parser.parse_args()


if __name__ == "__main__":
    from uvloop import run

    run(_main(_options()))
