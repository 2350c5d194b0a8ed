"""Admission: slots for requests under way, and which waiting request gets the next one."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Self

from api.admission.fair_queue import Asker, FairQueue
from api.errors import OverloadedError

LEARNING = 0.1
"""Weight of the newest cost in the running mean."""
REMEMBERED = 15
"""Requests whose median estimates how long one takes."""
FEWEST = 5
"""Requests that must have ended before a wait is estimated; the first one loads models."""
FORESEEN = 0.5
"""A request that is likely to wait for more than this part of the longest wait is refused at once.
The wait is estimated from the last requests. An early refusal is better than a wait in vain."""
LONGEST_RETRY_S = 60
FIRST_GUESS = 1_000.0
"""Tokens that a request is expected to cost before any has ended."""


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """How many at once, how many wait, and for how long (seconds)."""

    working: int = 2
    """Requests that search or pick sentences, which takes a core each."""
    slots: int = 32
    """Requests under way, those that wait for a model's words included."""
    waiting: int = 256
    wait_s: float = 20.0


@dataclass(eq=False, slots=True)
class Slot:
    """The right of one request to be served, from its arrival to its end."""

    admission: "Admission"
    asker: Asker
    cost: float
    """Tokens that it is expected to take; charged when the slot is granted."""
    arrived_at: float
    grant: "Future[None]" = field(default_factory=Future)
    """Done when the slot is granted; an ``OverloadedError`` when it was pushed out."""
    is_typical: bool = True
    """Its cost was estimated from the last requests; its true cost corrects the next estimate."""
    began: float | None = None
    state_since: float = 0.0
    """When it last got a core, or gave it up."""
    is_working: bool = False
    work_s: float = 0.0
    """Seconds it has had a core, up to ``since``."""
    has_ended: bool = False

    @property
    def wait_s(self) -> float:
        """Seconds until the slot was granted."""
        return (self.began or self.arrived_at) - self.arrived_at

    def refuse_late(self) -> OverloadedError:
        """End it because it has waited too long; return the error for its asker."""
        return self.admission.too_late(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    @contextmanager
    def without_core(self) -> Iterator[None]:
        """Give the core to the next request while the block waits for a model."""
        self.admission.step_aside(self)
        try:
            yield
        finally:
            self.admission.step_back(self)

    def leave(self, cost: float | None = None) -> None:
        """Give the slot back, with the tokens that were used; a second call does nothing."""
        self.admission.leave(self, cost)


class Admission:
    """Grants slots fairly; refuses what cannot be served in time before any work is done.

    All methods return at once and may be called from any thread.
    """

    def __init__(
        self, limits: AdmissionLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.RLock()
        self._queue: FairQueue[Slot] = FairQueue(max(1, limits.waiting))
        self._working = 0
        self._under_way = 0
        self._work_s: deque[float] = deque(maxlen=REMEMBERED)
        self._slot_s: deque[float] = deque(maxlen=REMEMBERED)
        self._cost = FIRST_GUESS

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def under_way(self) -> int:
        """How many have a slot."""
        return self._under_way

    def enter(self, asker: Asker, cost: float | None = None) -> Slot:
        """Queue a request that is expected to cost so many tokens; default: as the last ones.

        Raises:
            OverloadedError: the queue is full, or the wait would be too long.

        """
        with self._lock:
            self.check_room(asker)
            slot = Slot(self, asker, self._cost if cost is None else cost, self._clock())
            slot.is_typical = cost is None
            pushed_out = self._queue.push(asker, slot)
            if pushed_out is not None:
                pushed_out.has_ended = True
                _tell(pushed_out, self._refusal(pushed_out.asker))
            self._dispatch()
            if len(self._queue) > self.limits.waiting:  # nobody may wait, and no slot was free
                self.leave(slot)
                raise self._refusal(asker)
        return slot

    def check_room(self, asker: Asker) -> None:
        """Refuse a request that would wait too long, before anything is done for it.

        Raises:
            OverloadedError: the queue is full, or the wait would be too long.

        """
        with self._lock:
            if self._idle:
                return
            is_hopeless = self._queue_wait(asker) > FORESEEN * self.limits.wait_s
            if is_hopeless or not self.limits.waiting or not self._queue.has_room(asker):
                raise self._refusal(asker)

    def too_late(self, slot: Slot) -> OverloadedError:
        """See ``Slot.refuse_late``."""
        with self._lock:
            self.leave(slot)
            return self._refusal(slot.asker)

    def step_aside(self, slot: Slot) -> None:
        """Take the core of a slot for the next request; do nothing where it has none."""
        with self._lock:
            if slot.is_working:
                self._stop_work(slot)
                self._dispatch()

    def step_back(self, slot: Slot) -> None:
        """Count a slot as computing again, at once.

        It does not wait for a core, even where all are taken: a request that is nearly done goes
        before those that have not begun.
        """
        with self._lock:
            if slot.began is not None and not (slot.has_ended or slot.is_working):
                self._start_work(slot)

    def leave(self, slot: Slot, cost: float | None = None) -> None:
        """See ``Slot.leave``."""
        with self._lock:
            if slot.has_ended:
                return
            slot.has_ended = True
            if slot.began is None:
                self._queue.remove(slot.asker, slot)
                return
            if slot.is_working:
                self._stop_work(slot)
            self._work_s.append(slot.work_s)
            self._under_way -= 1
            self._slot_s.append(self._clock() - slot.began)
            if cost is not None:
                self._queue.charge(slot.asker, cost - slot.cost)
                self._cost += LEARNING * (cost - self._cost) if slot.is_typical else 0.0
            self._dispatch()

    @property
    def _idle(self) -> bool:
        """Tell whether there is a core and a slot for one more."""
        return self._working < self.limits.working and self._under_way < self.limits.slots

    def _dispatch(self) -> None:
        """Grant the slots that are free, in order; the caller holds the lock."""
        while self._queue and self._idle:
            slot = self._queue.pop()
            self._queue.charge(slot.asker, slot.cost)
            slot.began = self._clock()
            self._start_work(slot)
            self._under_way += 1
            _tell(slot, None)

    def _start_work(self, slot: Slot) -> None:
        slot.is_working, slot.state_since = True, self._clock()
        self._working += 1

    def _stop_work(self, slot: Slot) -> None:
        now = self._clock()
        slot.work_s += now - slot.state_since
        slot.is_working, slot.state_since = False, now
        self._working -= 1

    def _queue_wait(self, asker: Asker) -> float:
        """Estimate how many seconds a new request waits, from how long the last ones took."""
        if self._idle:
            return 0.0
        limits = self.limits
        each = max(_typical(self._work_s) / limits.working, _typical(self._slot_s) / limits.slots)
        return (self._queue.ahead(asker) + 1) * each

    def _refusal(self, asker: Asker) -> OverloadedError:
        wait = min(LONGEST_RETRY_S, math.ceil(self._queue_wait(asker)))
        return OverloadedError(max(1, wait))


def _tell(slot: Slot, refusal: OverloadedError | None) -> None:
    """Complete the future; the request may be gone already."""
    if not slot.grant.set_running_or_notify_cancel():
        return
    if refusal is None:
        slot.grant.set_result(None)
    else:
        slot.grant.set_exception(refusal)


def _typical(seconds: Collection[float]) -> float:
    return median(seconds) if len(seconds) >= FEWEST else 0.0
