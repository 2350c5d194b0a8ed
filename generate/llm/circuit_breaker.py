"""Is a model worth asking? A circuit breaker, and a watchdog over the progress of its streams."""

import threading
import time
from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "trial"]


class Health:
    """One process's record of one model's failures.

    Failures in a row open the circuit; after ``rest_s`` one request is let through on trial. The
    watchdog looks at tokens alone: with requests under way and no token of any of them for
    ``stuck_s``, the engine is stuck, whatever its ``/health`` says, and nobody else is sent there.
    Source: Nygard, Release It!, 2007, for the breaker.
    """

    def __init__(
        self,
        *,
        failures: int = 3,
        rest_s: float = 5.0,
        stuck_s: float = 8.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._rest_s, self._stuck_s = failures, rest_s, stuck_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._opened: float | None = None
        self._on_trial = False
        self._under_way = 0
        self._moved = clock()

    @property
    def state(self) -> State:
        """Return ``closed`` (asked freely), ``open`` (not asked) or ``trial`` (one is asked)."""
        with self._lock:
            return self._state()

    @property
    def stuck(self) -> bool:
        """Tell whether requests are under way and no token has come for too long."""
        with self._lock:
            return self._stuck()

    def enter(self) -> bool:
        """Begin a request, unless the model should not be asked now."""
        with self._lock:
            state = self._state()
            if state == "open" or (state == "trial" and self._on_trial):
                return False
            if state == "trial":
                self._on_trial = True
            if self._under_way == 0:
                self._moved = self._clock()
            self._under_way += 1
            return True

    def moved(self) -> None:
        """Note a token."""
        with self._lock:
            self._moved = self._clock()

    def leave(self, *, failed: bool | None) -> None:
        """End a request; ``failed`` is none where it says nothing, as when the asker left."""
        with self._lock:
            self._under_way -= 1
            self._on_trial = False
            if failed is None:
                return
            self._failed = self._failed + 1 if failed else 0
            if not failed:
                self._opened = None
            elif self._failed >= self._most or self._opened is not None:
                self._opened = self._clock()

    def _stuck(self) -> bool:
        return self._under_way > 0 and self._clock() - self._moved > self._stuck_s

    def _state(self) -> State:
        if self._stuck() and self._opened is None:
            self._opened = self._clock()
        if self._opened is None:
            return "closed"
        return "open" if self._clock() - self._opened < self._rest_s else "trial"
