"""Admission: places for asks under way, and who of those that wait gets the next one."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

from api.admission.fair_queue import Asker, FairQueue
from api.errors import OverloadedError

LEARNING = 0.1
"""Weight of the newest cost in the running mean."""
REMEMBERED = 15
"""Asks whose median says how long one takes."""
FEWEST = 5
"""Asks that must have ended before a wait is foreseen; the first one loads models."""
FORESEEN = 0.5
"""Who is likely to wait for more than this part of the longest wait is refused at once: waits are
foreseen by what the last asks took, and an ask that waits in vain has been refused late."""
LONGEST_RETRY_S = 60
FIRST_GUESS = 1_000.0
"""Tokens that an ask is expected to cost before any has ended."""


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """How many at once, how many wait, and for how long (seconds)."""

    working: int = 2
    """Asks that search or pick sentences, which takes a core each."""
    places: int = 32
    """Asks under way, those that wait for a model's words included."""
    waiting: int = 256
    wait_s: float = 20.0


@dataclass(eq=False, slots=True)
class Place:
    """One ask, from its arrival to its end."""

    admission: "Admission"
    asker: Asker
    cost: float
    """Tokens that it is expected to take; charged when its turn comes."""
    arrived: float
    granted: "Future[None]" = field(default_factory=Future)
    """Done when its turn has come; an ``OverloadedError`` when it was pushed out."""
    typical: bool = True
    """Its cost was not told, but guessed from the last ones; it shapes the next guess."""
    began: float | None = None
    since: float = 0.0
    """When it last took up a core, or gave it up."""
    working: bool = False
    worked: float = 0.0
    """Seconds it has had a core, up to ``since``."""
    ended: bool = False

    @property
    def waited(self) -> float:
        """Seconds until its turn came."""
        return (self.began or self.arrived) - self.arrived

    def refuse_late(self) -> OverloadedError:
        """End it because it has waited too long; return what to tell its asker."""
        return self.admission.too_late(self)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Give the core to the next ask for the length of the block, which waits for a model."""
        self.admission.step_aside(self)
        try:
            yield
        finally:
            self.admission.step_back(self)

    def leave(self, cost: float | None = None) -> None:
        """End it, with the tokens that it took, where they are known. Twice is once."""
        self.admission.leave(self, cost)


class Admission:
    """Gives places by turns; refuses what cannot be served in time before any work is done.

    All methods return at once and may be called from any thread.
    """

    def __init__(
        self, limits: AdmissionLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.RLock()
        self._queue: FairQueue[Place] = FairQueue(max(1, limits.waiting))
        self._working = 0
        self._under_way = 0
        self._work_s: deque[float] = deque(maxlen=REMEMBERED)
        self._place_s: deque[float] = deque(maxlen=REMEMBERED)
        self._cost = FIRST_GUESS

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def under_way(self) -> int:
        """How many have a place."""
        return self._under_way

    def enter(self, asker: Asker, cost: float | None = None) -> Place:
        """Queue an ask that is expected to cost so many tokens; default: what the last ones did.

        Raises:
            OverloadedError: the queue is full, or its turn would come too late.

        """
        with self._lock:
            self.check_room(asker)
            place = Place(self, asker, self._cost if cost is None else cost, self._clock())
            place.typical = cost is None
            pushed_out = self._queue.push(asker, place)
            if pushed_out is not None:
                pushed_out.ended = True
                _tell(pushed_out, self._refusal(pushed_out.asker))
            self._dispatch()
            if len(self._queue) > self.limits.waiting:  # nobody may wait, and no place was free
                self.leave(place)
                raise self._refusal(asker)
        return place

    def check_room(self, asker: Asker) -> None:
        """Refuse an ask that has no prospects before anything is done for it.

        Raises:
            OverloadedError: the queue is full, or its turn would come too late.

        """
        with self._lock:
            if self._idle:
                return
            hopeless = self._queue_wait(asker) > FORESEEN * self.limits.wait_s
            if hopeless or not self.limits.waiting or not self._queue.has_room(asker):
                raise self._refusal(asker)

    def too_late(self, place: Place) -> OverloadedError:
        """See ``Place.refuse_late``."""
        with self._lock:
            self.leave(place)
            return self._refusal(place.asker)

    def step_aside(self, place: Place) -> None:
        """Take a place's core for the next ask; nothing where it has none."""
        with self._lock:
            if place.working:
                self._stop_work(place)
                self._dispatch()

    def step_back(self, place: Place) -> None:
        """Count a place as computing again, at once.

        It does not wait for a core, even where all are taken: an ask that is nearly done comes
        before those that have not begun, which wait until there are cores to spare.
        """
        with self._lock:
            if place.began is not None and not (place.ended or place.working):
                self._start_work(place)

    def leave(self, place: Place, cost: float | None = None) -> None:
        """See ``Place.leave``."""
        with self._lock:
            if place.ended:
                return
            place.ended = True
            if place.began is None:
                self._queue.remove(place.asker, place)
                return
            if place.working:
                self._stop_work(place)
            self._work_s.append(place.worked)
            self._under_way -= 1
            self._place_s.append(self._clock() - place.began)
            if cost is not None:
                self._queue.charge(place.asker, cost - place.cost)
                self._cost += LEARNING * (cost - self._cost) if place.typical else 0.0
            self._dispatch()

    @property
    def _idle(self) -> bool:
        """Tell whether there is a core and a place for one more."""
        return self._working < self.limits.working and self._under_way < self.limits.places

    def _dispatch(self) -> None:
        """Give out what is free, in turn; the caller holds the lock."""
        while self._queue and self._idle:
            place = self._queue.pop()
            self._queue.charge(place.asker, place.cost)
            place.began = self._clock()
            self._start_work(place)
            self._under_way += 1
            _tell(place, None)

    def _start_work(self, place: Place) -> None:
        place.working, place.since = True, self._clock()
        self._working += 1

    def _stop_work(self, place: Place) -> None:
        now = self._clock()
        place.worked += now - place.since
        place.working, place.since = False, now
        self._working -= 1

    def _queue_wait(self, asker: Asker) -> float:
        """Estimate the seconds until a new ask's turn, by what the last ones took."""
        if self._idle:
            return 0.0
        limits = self.limits
        each = max(_typical(self._work_s) / limits.working, _typical(self._place_s) / limits.places)
        return (self._queue.ahead(asker) + 1) * each

    def _refusal(self, asker: Asker) -> OverloadedError:
        wait = min(LONGEST_RETRY_S, math.ceil(self._queue_wait(asker)))
        return OverloadedError(max(1, wait))


def _tell(place: Place, refusal: OverloadedError | None) -> None:
    """Settle the future; nobody may be listening any more."""
    if not place.granted.set_running_or_notify_cancel():
        return
    if refusal is None:
        place.granted.set_result(None)
    else:
        place.granted.set_exception(refusal)


def _typical(seconds: Collection[float]) -> float:
    return median(seconds) if len(seconds) >= FEWEST else 0.0
