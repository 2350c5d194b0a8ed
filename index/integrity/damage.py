"""One thing that is not as it was written, and how fast a look for such things may read."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Part = Literal["database", "rows", "originals", "index", "orphans"]


@dataclass(frozen=True, slots=True)
class Damage:
    """Something in a store that is not as it was written."""

    part: Part
    subject: str
    """The row, file or table; never a title or a text."""
    detail: str
    is_note: bool = False
    """Worth knowing, and nothing is lost: it does not make a verification fail."""


class Throttle:
    """Lets so many bytes pass a second, and waits where more would."""

    def __init__(
        self,
        bytes_per_second: int | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = bytes_per_second
        self._now = now
        self._sleep = sleep
        self._due = 0.0

    def take(self, count: int) -> None:
        """Wait until so many bytes may pass."""
        if self._rate is None:
            return
        moment = self._now()
        self._due = max(self._due, moment) + count / self._rate
        self._sleep(self._due - moment)
