"""An answer as server-sent events, with a bounded buffer towards its reader.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.admission.waiting import cancelled_on_disconnect, run_in_thread
from api.problem_details import problem
from generate.draft import Emit
from generate.llm.cancellation import AskerGoneError, CancellationToken
from generate.rendering.render import released, sentence_json
from generate.types import Answer, BlockPlace, Citation, Sentence
from index.errors import FootnoteError

logger = logging.getLogger(__name__)

Event = tuple[str, dict[str, Any]]
"""Name and data of a server-sent event."""

Render = Callable[[str, dict[str, Any]], str]
"""Makes the text that is sent of an event's name and data; none where nothing is to be sent."""

KEEP_ALIVE_SECONDS = 15.0
BUFFERED_EVENTS = 16
"""Events that wait for a slow reader; then the answer's writing waits, too."""


def replayed(answer: Answer, body: dict[str, Any], headers: dict[str, str]) -> Response:
    """Return an earlier answer as the events of its stream."""
    sentences = (("sentence", sentence_json(*pair)) for pair in released(answer))
    text = "".join(render_event(*event) for event in (*sentences, ("done", body)))
    return Response(text, media_type=AnswerStream.media_type, headers=headers)


class AnswerStream(Response):
    """Sends ``sentence`` events as sentences pass their checks, then ``done`` or ``error``."""

    media_type = "text/event-stream"

    def __init__(
        self,
        work: Callable[[Emit], dict[str, Any]],
        threads: ThreadPoolExecutor,
        resources: AsyncExitStack,
        *,
        stall_s: float,
        opening: str = "",
        render: "Render | None" = None,
    ) -> None:
        """Prepare a stream.

        Args:
            work: writes the answer, emits its sentences, and returns the data of ``done``.
            threads: where the work is done.
            resources: what the answer holds; they are released when the stream ends.
            stall_s: seconds after which a reader that takes nothing is dropped.
            opening: what is sent before the answer begins.
            render: makes the text of an event; by default that of our own stream.

        """
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._work = work
        self._threads = threads
        self._resources = resources
        self._stall_s = stall_s
        self._opening = opening
        self._render = render or render_event
        self._events: asyncio.Queue[Event | None] = asyncio.Queue(BUFFERED_EVENTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send until the answer ends, its reader leaves, or takes nothing for too long."""
        async with self._resources:
            try:
                await self._answer(receive, send)
            finally:
                while not self._events.empty():  # a writer that waits for room goes on, and ends
                    self._events.get_nowait()

    async def _answer(self, receive: Receive, send: Send) -> None:
        async with cancelled_on_disconnect(receive) as (token, disconnected):
            work = asyncio.create_task(self._produce(token))
            sending = asyncio.create_task(self._send_all(send))
            try:
                await asyncio.wait({sending, disconnected}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (work, sending):
                    task.cancel()

    async def _produce(self, token: CancellationToken) -> None:
        emit = partial(self._emit, asyncio.get_running_loop())
        try:
            body = await run_in_thread(token, self._threads, partial(self._work, emit))
            await self._events.put(("done", body))
        except AskerGoneError:
            logger.info("the asker left")
        except FootnoteError as error:
            await self._events.put(("error", problem(error)))
        except Exception:  # the stream must end with an event; what went wrong is in the log alone
            logger.exception("answer failed")
            await self._events.put(("error", problem(FootnoteError())))
        await self._events.put(None)

    def _emit(
        self,
        loop: asyncio.AbstractEventLoop,
        sentence: Sentence,
        citations: tuple[Citation, ...],
        place: BlockPlace,
    ) -> None:
        """Hand a sentence over, from the answer's thread; wait for room as long as for a reader."""
        event = ("sentence", sentence_json(sentence, citations, place))
        future = asyncio.run_coroutine_threadsafe(self._events.put(event), loop)
        try:
            future.result(self._stall_s)
        except TimeoutError:
            raise AskerGoneError from None

    async def _send_all(self, send: Send) -> None:
        try:
            await self._send(
                send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            )
            await self._send_text(send, self._opening)
            while (event := await self._next()) is not None:
                text = self._render(*event) if event else ": still working\n\n"
                await self._send_text(send, text)
            await self._send(send, {"type": "http.response.body", "body": b""})
        except TimeoutError:
            logger.info("a reader that took nothing was dropped")

    async def _send_text(self, send: Send, text: str) -> None:
        if text:
            body = {"type": "http.response.body", "body": text.encode(), "more_body": True}
            await self._send(send, body)

    async def _send(self, send: Send, message: dict[str, Any]) -> None:
        async with asyncio.timeout(self._stall_s):
            await send(message)

    async def _next(self) -> Event | tuple[()] | None:
        try:
            return await asyncio.wait_for(self._events.get(), KEEP_ALIVE_SECONDS)
        except TimeoutError:
            return ()


def render_event(name: str, data: dict[str, Any]) -> str:
    """Return the text of an event of our own stream."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
