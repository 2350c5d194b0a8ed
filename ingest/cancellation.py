"""Whether the job that a thread works on was cancelled, and how long its work may still take.

Long work asks: the parent of a sandboxed child while it waits, the chunker at each measurement.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from ingest.errors import SPLIT_IT, JobNotRunnableError, ParseLimitError

LOST = "The job was cancelled or taken over by another worker."

_is_lost: ContextVar[Callable[[], bool]] = ContextVar("is_lost")


@contextmanager
def cancellable(is_lost: Callable[[], bool]) -> Iterator[None]:
    """Let ``check_cancelled`` in this thread ask ``is_lost`` until the block ends."""
    token = _is_lost.set(is_lost)
    try:
        yield
    finally:
        _is_lost.reset(token)


def check_cancelled() -> None:
    """Raise JobNotRunnableError where the job of this thread is lost; do nothing without a job."""
    is_lost = _is_lost.get(None)
    if is_lost is not None and is_lost():
        raise JobNotRunnableError(LOST)


class TimeBudget:
    """The seconds that one step of a job may take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = monotonic() + seconds

    def check(self) -> None:
        """Return while there is time and the job is wanted.

        Raises:
            JobNotRunnableError: the job was cancelled, or another worker has it.
            ParseLimitError: the time is over.

        """
        check_cancelled()
        if monotonic() > self._until:
            raise ParseLimitError(
                f"Cutting this file into passages takes longer than the {self._seconds:.0f} "
                f"seconds allowed. {SPLIT_IT}"
            )
