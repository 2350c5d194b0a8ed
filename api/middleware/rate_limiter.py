"""A token bucket for each key, user and tenant, in this process's memory."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from api.errors import RateLimitError

BURST_SECONDS = 10
"""A bucket holds what ten seconds bring."""

REMEMBERED_KEYS = 100_000


class RateLimiter:
    """Lets ``per_minute`` requests a minute through for each key, in bursts of ten seconds' worth.

    Source: the token bucket of RFC 2697 and many others.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, key: str, others: Mapping[str, int] | None = None) -> None:
        """Take one token from the key's bucket, and from others with rates a minute of their own.

        A rate of 0 means no limit. Where one bucket is empty, none loses a token.

        Raises:
            RateLimitError: a bucket is empty; it says how many seconds to wait.

        """
        rates = {name: rate / 60 for name, rate in (others or {}).items() if rate}
        if self._per_minute:
            rates[key] = self._per_minute / 60
        with self._lock:
            now = self._clock()
            levels = {name: self._level(name, rate, now) for name, rate in rates.items()}
            waits = [(1 - levels[name]) / rate for name, rate in rates.items() if levels[name] < 1]
            for name, tokens in levels.items():
                self._buckets[name] = (tokens if waits else tokens - 1, now)
                self._buckets.move_to_end(name)
            while len(self._buckets) > REMEMBERED_KEYS:
                self._buckets.popitem(last=False)
        if waits:
            raise RateLimitError(max(1, math.ceil(max(waits))))

    def _level(self, name: str, rate: float, now: float) -> float:
        most = max(1.0, rate * BURST_SECONDS)
        tokens, then = self._buckets.get(name, (most, now))
        return min(most, tokens + (now - then) * rate)
