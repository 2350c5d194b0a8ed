"""A request waits for its turn and for its answer, and notices when its asker leaves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import copy_context
from typing import TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.admission.controller import Place
from api.service import Service
from generate.llm.cancellation import Presence, on_behalf_of
from index.types import Actor

Result = TypeVar("Result")


@asynccontextmanager
async def presence_of(receive: Receive) -> AsyncIterator[tuple[Presence, "asyncio.Task[None]"]]:
    """Watch a connection for the length of the block; whatever ends the block, its work ends."""
    asker = Presence()
    watch = asyncio.create_task(_until_gone(receive, asker))
    try:
        yield asker, watch
    finally:
        asker.leave()
        watch.cancel()


async def turn(
    service: Service, actor: Actor, receive: Receive, cost: float | None = None
) -> Place:
    """Return a place once it is this asker's turn.

    Raises:
        OverloadedError: at once where it would not be served in time, or after the longest wait.
        ClientDisconnect: the asker left while waiting.

    """
    place = service.enter(actor, cost)
    try:
        await _granted(place, service.admission.limits.wait_s, receive)
    except BaseException:  # whatever ends the wait, also a cancellation, ends the place
        place.leave()
        raise
    service.metrics.waited(place.waited)
    return place


async def _granted(place: Place, limit: float, receive: Receive) -> None:
    if place.granted.done():
        return None
    granted = asyncio.wrap_future(place.granted)
    async with presence_of(receive) as (_, watch):
        await asyncio.wait({granted, watch}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        if granted.done():
            return granted.result()
        if watch.done():
            raise ClientDisconnect
        raise place.refuse_late()


async def run_for(asker: Presence, pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
    """Do the work in a thread, on behalf of an asker who may leave."""

    def done() -> Result:
        with on_behalf_of(asker):
            return work()

    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(pool, copy_context().run, done)


async def answer_to(
    receive: Receive, place: Place, pool: ThreadPoolExecutor, work: Callable[[], Result]
) -> Result:
    """Return what the work returns, unless the asker leaves first; then its place is free at once.

    Raises:
        ClientDisconnect: the asker left.

    """
    try:
        async with presence_of(receive) as (asker, watch):
            task = asyncio.create_task(run_for(asker, pool, work))
            await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                task.cancel()
                raise ClientDisconnect
            return task.result()
    finally:
        place.leave()


async def _until_gone(receive: Receive, asker: Presence) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    asker.leave()
