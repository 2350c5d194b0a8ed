"""Which requests are sent again, and after how long: nothing is ever done twice.

A request that changes nothing, or that carries an ``Idempotency-Key``, may be sent again after
any failure. Every other one is sent again only where it is certain that nothing was done: there
was no connection, or the service refused it before it began.
"""

import random
from dataclasses import dataclass

import httpx

from footnote_client.errors import seconds_of
from footnote_client.requests import Request

LONGEST_PAUSE = 20.0
"""Seconds; a service that asks for more is not waited for."""

_BEFORE_ANYTHING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_REFUSED_BEFORE_ANYTHING = frozenset({429})
_PASSING = frozenset({429, 502, 503, 504})
_IN_PROGRESS = "ask-in-progress"
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent again, and how long the pauses between are."""

    most: int = 2
    first_pause: float = 0.5
    """Seconds; each further pause is twice as long, with a random part."""

    def after_failure(self, request: Request, error: Exception, attempt: int) -> float | None:
        """Return the pause before the next attempt; none where there is to be no other one."""
        is_safe = request.is_repeatable or isinstance(error, _BEFORE_ANYTHING)
        return self._pause(attempt) if is_safe and attempt < self.most else None

    def after_refusal(
        self, request: Request, response: httpx.Response, attempt: int
    ) -> float | None:
        """Return the pause before the next attempt; none where the refusal stands."""
        statuses = _PASSING if request.is_repeatable else _REFUSED_BEFORE_ANYTHING
        is_passing = response.status_code in statuses or _is_in_progress(request, response)
        if not is_passing or attempt >= self.most:
            return None
        asked_pause = seconds_of(response.headers.get("retry-after"))
        pause = self._pause(attempt) if asked_pause is None else asked_pause
        return pause if pause <= LONGEST_PAUSE else None

    def _pause(self, attempt: int) -> float:
        return float(self.first_pause * 2**attempt * random.uniform(0.75, 1.25))


def _is_in_progress(request: Request, response: httpx.Response) -> bool:
    """Tell whether the first attempt of this ask is still being answered."""
    if response.status_code != _CONFLICT or not request.is_repeatable:
        return False
    try:
        body = response.json()
    except ValueError:
        return False
    return isinstance(body, dict) and body.get("code") == _IN_PROGRESS
