"""Ends event streams under way whose credential is revoked, or whose tenant is suspended.

Requests are checked when they come. A stream may last for minutes, so all open ones are looked
through together, several times a second, whichever route sends them.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.api_keys import Caller
from api.problem_details import DATABASE_FAILURES, problem
from index.errors import FootnoteError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.4
"""Between two looks at the credentials of the open streams; a stream ends within a second."""

FAREWELL_SECONDS = 2.0
"""How long a reader has time to take the last event."""

Refusals = Callable[[Collection[Caller]], Mapping[str, FootnoteError]]
"""Returns why callers would be refused now, by credential."""


@dataclass(eq=False)
class OpenStream:
    """A stream under way, and the task that serves it."""

    caller: Caller
    task: "asyncio.Task[object]"
    refusal: FootnoteError | None = None


class StreamGuard:
    """Serves requests, and ends those streams among them that are cut."""

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals
        self._open: set[OpenStream] = set()
        self._looking: asyncio.Task[None] | None = None

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let ``app`` answer; a stream that is cut ends with the event ``error``."""
        caller: Caller | None = scope.get("state", {}).get("caller")
        task = asyncio.current_task()
        if caller is None or task is None:
            await app(scope, receive, send)
            return
        stream = OpenStream(caller, task)

        async def watched(message: Message) -> None:
            if _begins_stream(message):
                self._watch(stream)
            if stream.refusal is None:
                await send(message)

        try:
            await app(scope, receive, watched)
        except asyncio.CancelledError:
            if stream.refusal is None:
                raise
            task.uncancel()
            await _bid_farewell(stream.refusal, send)
        finally:
            self._open.discard(stream)

    def _watch(self, stream: OpenStream) -> None:
        self._open.add(stream)
        loop = asyncio.get_running_loop()
        if self._looking is None or self._looking.done() or self._looking.get_loop() is not loop:
            self._looking = loop.create_task(self._look())

    async def _look(self) -> None:
        """Look until no stream is open."""
        while self._open:
            await asyncio.sleep(LOOK_SECONDS)
            callers = {stream.caller.credential: stream.caller for stream in self._open}
            try:
                reasons = await run_in_threadpool(self._refusals, list(callers.values()))
            except DATABASE_FAILURES:
                logger.exception("the credentials of open streams could not be looked up")
                continue
            for stream in list(self._open):
                if refusal := reasons.get(stream.caller.credential):
                    self._open.discard(stream)
                    stream.refusal = refusal
                    stream.task.get_loop().call_soon_threadsafe(stream.task.cancel)


def _begins_stream(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return False
    return Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")


async def _bid_farewell(refusal: FootnoteError, send: Send) -> None:
    event = f"event: error\ndata: {json.dumps(problem(refusal), ensure_ascii=False)}\n\n"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await send({"type": "http.response.body", "body": event.encode(), "more_body": True})
            await send({"type": "http.response.body", "body": b""})
