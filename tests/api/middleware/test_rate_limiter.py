"""The token bucket, with a clock of our own."""

import pytest

from api.errors import RateLimitError
from api.middleware.rate_limiter import RateLimiter


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def admitted(limiter, key, attempts):
    count = 0
    for _ in range(attempts):
        try:
            limiter.admit(key)
        except RateLimitError:
            break
        count += 1
    return count


def test_a_burst_of_ten_seconds_worth_passes_and_no_more():
    assert admitted(RateLimiter(60, Clock()), "a", 50) == 10


def test_the_refusal_says_how_long_to_wait_and_keeps_its_word():
    clock = Clock()
    limiter = RateLimiter(6, clock)
    limiter.admit("a")
    with pytest.raises(RateLimitError) as error:
        limiter.admit("a")
    clock.now += error.value.retry_after
    limiter.admit("a")


def test_one_key_does_not_use_up_anothers_share():
    limiter = RateLimiter(60, Clock())
    admitted(limiter, "a", 50)
    assert admitted(limiter, "b", 50) == 10


def test_a_refused_request_costs_nothing():
    clock = Clock()
    limiter = RateLimiter(60, clock)
    admitted(limiter, "a", 50)
    clock.now += 3
    assert admitted(limiter, "a", 50) == 3


def test_zero_means_no_limit():
    assert admitted(RateLimiter(0, Clock()), "a", 5000) == 5000
