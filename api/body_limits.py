"""How many bytes a request body may have, how long it may take, what becomes of a refused one."""

import asyncio
import time

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from api.errors import BodyTooSlowError

JSON_LIMIT = 1 << 20
"""Bytes of a JSON body; questions are far shorter."""


FORM_OVERHEAD = 1 << 20
"""Bytes an upload may have besides the file: fields and part headers."""


LEAST_BYTES_A_SECOND = 4000
"""A body that comes faster than this has all the time that it needs."""


DRAIN_SECONDS = 2.0
"""How long a refused body is read and thrown away, so that the sender gets to read why."""


async def drain(headers: Headers, receive: Receive) -> None:
    """Read and drop a refused body for a moment; a client told to wait for us sends none."""
    if not has_body(headers) or headers.get("expect"):
        return
    with anyio.move_on_after(DRAIN_SECONDS):
        while (await receive()).get("more_body", False):
            pass


def has_body(headers: Headers) -> bool:
    """Tell whether a request comes with a body."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def timed_receive(receive: Receive, seconds: float) -> Receive:
    """Return ``receive`` with a limit on the time in which a body comes.

    A body has ``seconds``, and a second more for every ``LEAST_BYTES_A_SECOND`` that came. After
    it, there is no limit: who waits for a disconnect may wait long.
    """
    deadline, is_complete = time.monotonic() + seconds, False

    async def receive_in_time() -> Message:
        nonlocal deadline, is_complete
        if is_complete:
            return await receive()
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                message = await receive()
        except TimeoutError:
            raise HTTPException(
                BodyTooSlowError.status, "Send the whole body at once, or over a faster line.",
                {"Connection": "close"},
            ) from None  # fmt: skip
        deadline += len(message.get("body", b"")) / LEAST_BYTES_A_SECOND
        is_complete = not message.get("more_body", False)
        return message

    return receive_in_time
