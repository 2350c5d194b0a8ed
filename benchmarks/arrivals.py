"""Open arrivals: calls are sent when they are due, however the last ones fare.

The clock of a call starts when it was meant to be sent, so that a generator that falls behind, or
a server that accepts nothing, shows in the figures (no coordinated omission).
"""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp


@dataclass(frozen=True, slots=True)
class Target:
    """Where calls of one kind go."""

    name: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """One call, and how it went. Times are seconds."""

    target: Target
    question: int
    """Which question it asks."""
    body: dict[str, Any]
    due: float
    """When it is meant to be sent, from the start of the run."""
    sent: float = 0.0
    first: float = 0.0
    """When the first byte of the reply's body came."""
    ended: float = 0.0
    status: int = 0
    """The HTTP status; 0 where there was none."""
    reply: bytes = b""
    retry_after: str | None = None

    @property
    def latency(self) -> float:
        return self.ended - self.due

    @property
    def answer(self) -> dict[str, Any]:
        """Return Footnote's whole answer out of its event stream; empty where there is none."""
        _, separator, data = self.reply.rpartition(b"event: done\ndata: ")
        return json.loads(data) if separator and self.status == 200 else {}


def poisson(rate: float, seconds: float, seed: int) -> list[float]:
    """Return the moments of a Poisson process."""
    draw, now, moments = random.Random(seed), 0.0, []
    while (now := now + draw.expovariate(rate)) < seconds:
        moments.append(now)
    return moments


async def fire(calls: Sequence[Call], *, patience: float = 60.0) -> list[Call]:
    """Send every call when it is due; return them when all have ended."""
    limits = aiohttp.ClientTimeout(total=patience)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=60)
    async with aiohttp.ClientSession(connector=connector, timeout=limits) as session:
        began = time.perf_counter()
        tasks = []
        for call in sorted(calls, key=lambda call: call.due):
            await asyncio.sleep(max(0.0, began + call.due - time.perf_counter()))
            tasks.append(asyncio.create_task(_send(session, call, began)))
        await asyncio.gather(*tasks)
    return list(calls)


async def _send(session: aiohttp.ClientSession, call: Call, began: float) -> None:
    call.sent = time.perf_counter() - began
    target = call.target
    try:
        async with session.post(target.url, json=call.body, headers=target.headers) as response:
            call.status = response.status
            call.retry_after = response.headers.get("Retry-After")
            parts = []
            async for part in response.content.iter_any():
                call.first = call.first or time.perf_counter() - began
                parts.append(part)
            call.reply = b"".join(parts)
    except (aiohttp.ClientError, TimeoutError):
        call.status = 0
    call.ended = time.perf_counter() - began
