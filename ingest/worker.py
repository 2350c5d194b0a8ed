"""Workers: lease a job, do it, record how it ended."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from index.errors import EmbedderUnavailableError, FootnoteError, ModelSwitchedError
from index.library import Library
from index.tracing import Attributes, continued, trace_wait, traced
from ingest.cancellation import cancellable
from ingest.errors import (
    JobNotRunnableError,
    QuarantinedError,
    SandboxUnprovenError,
    SupersededError,
)
from ingest.pipeline import IngestDependencies, ingest
from ingest.queue.heartbeat import heartbeat
from ingest.queue.leases import (
    LEASE,
    Lease,
    anything_due,
    delay,
    fail,
    give_back,
    lease_next,
    retry_later,
    withdraw,
)
from ingest.queue.worker_liveness import WorkerLiveness

UNEXPECTED = (
    "Something unexpected went wrong while this file was processed. Try it again; the log tells "
    "the operator what it was."
)

IDLE_PAUSE = 0.25
"""Seconds between looks at an empty queue, where nobody watches it for the whole process."""

UNFIT_PAUSE = 5.0
"""Seconds before another job is taken after one that this machine could not do."""

log = logging.getLogger(__name__)

Outcome = Callable[[str], None]
"""Called with ``succeeded``, ``failed``, ``retried``, ``delayed`` or ``lost`` after each job."""

JobEnd = Callable[[Lease, str], None]
"""Called with the lease and the outcome after each job."""


_NOT_THE_FILES_FAULT = (ModelSwitchedError, SandboxUnprovenError, EmbedderUnavailableError)
"""Errors that say nothing of the file: its job waits, and no attempt is used up."""


class Worker:
    """Works the queue of one library. Any number may run, in any number of processes."""

    def __init__(
        self,
        library: Library,
        dependencies: IngestDependencies,
        report_outcome: Outcome = lambda _: None,
        *,
        report_end: JobEnd = lambda _lease, _outcome: None,
        lease: timedelta = LEASE,
    ) -> None:
        self._library = library
        self._lease = lease
        self._dependencies = dependencies
        self._report_outcome = report_outcome
        self._report_end = report_end
        self._presence = WorkerLiveness(library.folder / "workers")
        self._is_outdated = False
        self._is_idle = True
        """Nothing was due at the last try: look before the next, and take no write lock."""
        self._take_over()

    def run_once(self) -> bool:
        """Do one job, if one is due; tell whether there was one."""
        return self._next() is not None

    def _next(self) -> str | None:
        if self._is_idle and not anything_due(self._library, length=self._lease):
            return None
        lease = lease_next(self._library, self._presence.token, length=self._lease)
        self._is_idle = lease is None
        if lease is None:
            return None
        with (
            heartbeat(self._library, lease),
            cancellable(lambda: lease.progress.is_lost),
            continued(lease.traceparent),
        ):
            outcome = self._attempt(lease)
        self._report_outcome(outcome)
        self._report_end(lease, outcome)
        return outcome

    def run_until_idle(self, *, threads: int = 2) -> None:
        """Work until nothing is due, several jobs side by side, then publish the index."""

        def work() -> None:
            while self._next() not in {None, "delayed"}:
                pass

        with ThreadPoolExecutor(threads, "ingest") as pool:
            for future in [pool.submit(work) for _ in range(threads)]:
                future.result()
        self._library.save()

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; publish the index whenever the queue runs dry.

        It ends also when the store has moved to another embedding model: make another worker.
        """
        is_unsaved = False
        signals = self._library.database.signals
        while not stop.is_set() and not self._is_outdated:
            count = signals.count("jobs")
            try:
                outcome = self._next()
                has_worked = outcome is not None
                if not has_worked and is_unsaved:
                    self._library.save()
                is_unsaved = has_worked
                if outcome == "delayed":  # the next job would fare no better here
                    stop.wait(UNFIT_PAUSE)
            except ModelSwitchedError:
                return
            except Exception:  # a worker outlives any one failure: the next look may succeed
                log.exception("worker could not take a job")
                has_worked = False
            if not has_worked:
                signals.wait("jobs", count, stop, seconds=IDLE_PAUSE)

    def _take_over(self) -> None:
        for token in self._presence.dead():
            if give_back(self._library, token):
                log.warning("jobs of a dead worker were queued again")
            self._presence.forget(token)

    def _attempt(self, lease: Lease) -> str:
        facts: Attributes = {
            "footnote.job.kind": lease.kind,
            "footnote.job.attempt": lease.attempts,
        }
        if lease.due_at is not None:
            trace_wait("queue", lease.due_at, facts)
        try:
            with traced("ingest", facts, kind="consumer"):
                ingest(self._library, self._dependencies, lease)
        except QuarantinedError:
            return "failed"  # its job has ended with its quarantine, in one transaction
        except FootnoteError as error:
            return self._settle(lease, error)
        except Exception:  # one bad file fails alone; the reason is in the log, not on the wire
            log.exception("job failed unexpectedly", extra={"job": lease.job_key})
            return self._settle(lease, FootnoteError(UNEXPECTED))
        return "succeeded"

    def _settle(self, lease: Lease, error: FootnoteError) -> str:
        """Record how an attempt ended that did not succeed."""
        failure = {"reason": str(error) or error.title, "code": error.code}
        try:
            if isinstance(error, SupersededError):
                withdraw(self._library, lease, reason=failure["reason"])
                return "lost"
            if isinstance(error, JobNotRunnableError):
                return "lost"
            if isinstance(error, _NOT_THE_FILES_FAULT):
                self._is_outdated = self._is_outdated or isinstance(error, ModelSwitchedError)
                delay(self._library, lease, **failure)  # another worker, or another day, can do it
                return "delayed"
            if type(error) is FootnoteError:
                return "retried" if retry_later(self._library, lease, **failure) else "failed"
            cause = ", ".join(getattr(error, "__notes__", ()))
            log.info(
                "document failed",
                extra={"job": lease.job_key, "code": error.code, "cause": cause},
            )
            fail(self._library, lease, **failure)
        except JobNotRunnableError:
            return "lost"
        return "failed"
