"""A request waits for its slot and for its answer, and notices when its asker leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.admission.controller import Admission, Slot
from api.admission.fair_queue import Asker
from generate.llm.cancellation import CancellationToken, cancelled_by

Result = TypeVar("Result")


@asynccontextmanager
async def cancelled_on_disconnect(
    receive: Receive,
) -> AsyncIterator[tuple[CancellationToken, "asyncio.Task[None]"]]:
    """Yield a token that is cancelled when the client disconnects or the block ends.

    The task that comes with it is done once the client has disconnected.
    """
    token = CancellationToken()
    disconnected = asyncio.create_task(_cancel_on_disconnect(receive, token))
    try:
        yield token, disconnected
    finally:
        token.cancel()
        disconnected.cancel()


@asynccontextmanager
async def granted_slot(
    admission: Admission, asker: Asker, receive: Receive, cost: float | None = None
) -> AsyncIterator[Slot]:
    """Wait until a slot is granted and hold it for the length of the block.

    Raises:
        OverloadedError: at once where the wait would be too long, or after the longest wait.
        ClientDisconnect: the asker left while waiting.

    """
    with admission.enter(asker, cost) as slot:
        await _granted(slot, admission.limits.wait_s, receive)
        yield slot


async def _granted(slot: Slot, limit: float, receive: Receive) -> None:
    if slot.grant.done():
        return None
    granted = asyncio.wrap_future(slot.grant)
    async with cancelled_on_disconnect(receive) as (_, disconnected):
        await asyncio.wait(
            {granted, disconnected}, timeout=limit, return_when=asyncio.FIRST_COMPLETED
        )
        if granted.done():
            return granted.result()
        if disconnected.done():
            raise ClientDisconnect
        raise slot.refuse_late()


async def run_in_thread(
    token: CancellationToken, threads: ThreadPoolExecutor, work: Callable[[], Result]
) -> Result:
    """Do the work in a thread; the token cancels it."""

    def cancellable() -> Result:
        with cancelled_by(token):
            return work()

    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, copy_context().run, cancellable)


async def result_for(
    receive: Receive, threads: ThreadPoolExecutor, work: Callable[[], Result]
) -> Result:
    """Return the result of the work, unless the asker leaves first, which cancels the work.

    Raises:
        ClientDisconnect: the asker left.

    """
    async with cancelled_on_disconnect(receive) as (token, disconnected):
        task = asyncio.create_task(run_in_thread(token, threads, work))
        await asyncio.wait({task, disconnected}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            raise ClientDisconnect
        return task.result()


async def _cancel_on_disconnect(receive: Receive, token: CancellationToken) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    token.cancel()
