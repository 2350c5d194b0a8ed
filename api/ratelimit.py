"""A token bucket for each key, in this process's memory."""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from api.errors import RateLimitError

BURST_SECONDS = 10
"""A bucket holds what ten seconds bring."""

REMEMBERED_KEYS = 100_000


class RateLimiter:
    """Lets ``per_minute`` requests a minute through for each key, in bursts of ten seconds' worth.

    Source: the token bucket of RFC 2697 and many others.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._most = max(1.0, self._rate * BURST_SECONDS)
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, key: str) -> None:
        """Take one token from the key's bucket.

        Raises:
            RateLimitError: the bucket is empty; it says how many seconds to wait.

        """
        if self._rate == 0:
            return
        now = self._clock()
        with self._lock:
            tokens, then = self._buckets.pop(key, (self._most, now))
            tokens = min(self._most, tokens + (now - then) * self._rate)
            self._buckets[key] = (tokens - 1 if tokens >= 1 else tokens, now)
            if len(self._buckets) > REMEMBERED_KEYS:
                self._buckets.popitem(last=False)
        if tokens < 1:
            raise RateLimitError(max(1, math.ceil((1 - tokens) / self._rate)))
