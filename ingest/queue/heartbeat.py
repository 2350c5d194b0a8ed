"""The thread that keeps a job's lease while the job runs, and writes down how far it is."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from index.library import Library
from ingest.errors import JobNotRunnableError
from ingest.queue.leases import Lease, beat, look_for_loss

BEATS = 3
"""Beats of a job that reports nothing, for each length of its lease."""

TELL_PAUSE = 0.25
"""Seconds between two looks for new progress, and at whether the job was cancelled."""

log = logging.getLogger(__name__)


@contextmanager
def heartbeat(library: Library, lease: Lease) -> Iterator[None]:
    """Keep the lease to the end of the block; once it is lost, the next report raises."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_keep, args=(library, lease, stop), name="heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _keep(library: Library, lease: Lease, stop: threading.Event) -> None:
    pause = lease.length.total_seconds() / BEATS
    last_columns, next_beat = lease.progress.columns, monotonic() + pause
    while not stop.wait(TELL_PAUSE):
        try:
            if lease.progress.columns is last_columns and monotonic() < next_beat:
                if look_for_loss(library, lease):
                    return
                continue
            last_columns, next_beat = lease.progress.columns, monotonic() + pause
            beat(library, lease)
        except JobNotRunnableError:
            return
        except SQLAlchemyError:  # the lease outlasts a missed beat; the next one may succeed
            log.warning("a heartbeat failed", exc_info=True, extra={"job": lease.job_key})
