"""Waiting, with and without an event loop."""

import asyncio
import time

LONGEST_LOOK = 2.0
"""Seconds between two looks at what takes long."""


async def async_pause(seconds: float) -> None:
    """Wait in an event loop."""
    await asyncio.sleep(seconds)


def pause(seconds: float) -> None:
    """Wait in this thread."""
    time.sleep(seconds)


class Waiting:
    """Looks at something that takes time: often at first, then every two seconds."""

    def __init__(self, timeout: float) -> None:
        self._deadline = time.monotonic() + timeout
        self._pause = 0.05

    @property
    def is_over(self) -> bool:
        """Tell whether the time is up."""
        return time.monotonic() >= self._deadline

    def next_pause(self) -> float:
        """Return the seconds until the next look."""
        pause, self._pause = self._pause, min(self._pause * 1.5, LONGEST_LOOK)
        return min(pause, max(0.0, self._deadline - time.monotonic()))
