"""How late the event loop runs what is due: the first thing that a busy service does worse."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LOOK_SECONDS = 0.1
"""Between two measurements."""


@asynccontextmanager
async def watching_event_loop(note_lag: Callable[[float], None]) -> AsyncIterator[None]:
    """Measure for the length of the block how late the event loop runs its timers, in seconds."""
    watch = asyncio.create_task(_watch(note_lag))
    try:
        yield
    finally:
        watch.cancel()


async def _watch(note_lag: Callable[[float], None]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LOOK_SECONDS
        await asyncio.sleep(LOOK_SECONDS)
        note_lag(max(0.0, loop.time() - due))
