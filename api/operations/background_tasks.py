"""The threads of a running service: warm-up, workers, evaluations, live scores, housekeeping."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from api.composition.ingestion import sweep_originals, work_queue
from api.composition.model_switch import InUse
from api.composition.pipelines import Pipelines
from api.composition.store import Store
from api.evaluations.live_scoring import LiveScores
from api.evaluations.run_store import runs_are_due
from api.evaluations.run_worker import RUNS_AT_ONCE, RunDependencies, work_runs
from api.operations.disk_space import DiskSpace
from api.questions.answer_cache import AnswerCache, forget_gone
from api.questions.idempotency import forget_keys
from api.questions.reviews import expire_reviews
from api.telemetry.job_metrics import job_counter
from api.telemetry.prometheus import Metrics
from api.webhooks.delivery_queue import forget_deliveries, messages_are_due
from api.webhooks.delivery_worker import DeliveryDependencies, work_deliveries
from index.audit.retention import prune_audit
from index.db.work_watcher import watch_for_work
from index.erasure import ErasureFollower
from index.library import Library
from index.search.isolation_check import prove_wall
from index.search.warm_search import warm_search
from index.tracing import Tracing, traced_by
from ingest.lifecycle.retention import expire_documents
from ingest.partial_files import expire_partial_files
from ingest.queue.leases import jobs_are_due

if TYPE_CHECKING:
    from generate.verification.verifier import Verifier

logger = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 300.0
"""Between two looks for what has expired."""

SWEEP_SECONDS = 86_400.0
"""Between two sweeps of originals without a document."""


@dataclass(frozen=True, slots=True)
class TaskDependencies:
    """The collaborators of the background tasks."""

    store: Store
    pipelines: InUse[Pipelines]
    runs: RunDependencies
    deliveries: DeliveryDependencies
    live: LiveScores
    answers: AnswerCache
    workers: int
    """Ingestion workers."""
    scores_live: bool
    """A share of the answers is scored in the background."""
    disk: DiskSpace
    """The disks that the service writes to."""
    stop_s: float
    """How long a stop waits for each thread."""
    lease: timedelta
    """How long a silent worker keeps its job."""
    metrics: Metrics
    tracing: Tracing | None = None
    """Where the steps of the work are traced."""


class BackgroundTasks:
    """Starts the threads once the models and the index are warm. It makes nobody wait."""

    def __init__(self, dependencies: TaskDependencies) -> None:
        self._dependencies = dependencies
        self._stop = threading.Event()
        self.warm = threading.Event()
        """Set once the models and the index are loaded and the workers run."""
        self._erasure = ErasureFollower(dependencies.store.database, "service", self._library)
        self._workers: list[threading.Thread] = []
        self._others: list[threading.Thread] = []

    @property
    def disk(self) -> DiskSpace:
        """The disks that the service writes to."""
        return self._dependencies.disk

    @property
    def is_warm(self) -> bool:
        """Tell whether the models and the index are loaded."""
        return self.warm.is_set()

    @property
    def configured_workers(self) -> int:
        """Return how many ingestion workers are to run inside this process."""
        return self._dependencies.workers

    @property
    def alive_workers(self) -> int:
        """Return how many of them run."""
        return sum(thread.is_alive() for thread in self._workers)

    @property
    def workers_are_alive(self) -> bool:
        """Tell whether as many ingestion workers run as are configured."""
        return self.alive_workers == self.configured_workers

    def start(self) -> None:
        """Begin to warm up; the other threads start after that."""
        self._others.append(_started("warm-up", self._warm_up))

    def stop(self) -> None:
        """Let the threads finish what they do; a job that does not end is taken up later."""
        self._stop.set()
        for thread in (*self._others, *self._workers):
            thread.join(timeout=self._dependencies.stop_s)

    def _library(self) -> Library | None:
        pipelines = self._dependencies.pipelines.built
        return pipelines.library if pipelines else None

    def _warm_up(self) -> None:
        try:
            self._erasure.register()
            pipelines = self._dependencies.pipelines.current
            pipelines.embedder.embed(["warm-up"])
            prove_wall(pipelines.library.nominator)
            warm_search(pipelines.library.nominator, pipelines.embedder.dimension)
            pipelines.library.follow()
            self._start_threads()
        except Exception:  # a service that cannot start says so at /readyz and in the log
            logger.exception("warm-up failed")
            return
        self.warm.set()
        _import_for_assistants()

    def _start_threads(self) -> None:
        needs, stop = self._dependencies, self._stop
        needs.store.database.signals.conditions |= {
            "jobs": partial(jobs_are_due, length=needs.lease),
            "messages": messages_are_due,
            "runs": runs_are_due,
        }
        self._workers = [
            _started(
                f"worker-{number}",
                lambda: work_queue(
                    lambda: needs.pipelines.current.ingestion,
                    stop,
                    tracing=needs.tracing,
                    report_end=job_counter(needs.metrics),
                ),
            )
            for number in range(needs.workers)
        ]
        self._others += [
            _started(f"evaluations-{number}", lambda: work_runs(needs.runs, stop))
            for number in range(RUNS_AT_ONCE)
        ]
        self._others += [
            _started(f"webhooks-{number}", lambda: work_deliveries(needs.deliveries, stop))
            for number in range(needs.deliveries.senders)
        ]
        if needs.scores_live:
            verifier = needs.pipelines.current.answering.verifier
            self._others.append(_started("live", lambda: self._score_live(verifier)))
        self._others.append(_started("work", lambda: watch_for_work(needs.store.database, stop)))
        self._others.append(_started("erasure", lambda: self._erasure.run(self._stop)))
        self._others.append(_started("housekeeping", self._keep_house))

    def _score_live(self, verifier: "Verifier") -> None:
        with traced_by(self._dependencies.tracing):
            self._dependencies.live.work(verifier, self._stop)

    def _keep_house(self) -> None:
        """Delete what has expired and deny what nobody decided, now and every few minutes."""
        needs = self._dependencies
        next_sweep = 0.0
        while not self._stop.is_set():
            try:
                expire_documents(needs.pipelines.current.library)
                expire_partial_files(needs.pipelines.current.library)
                forget_keys(needs.store.database)
                forget_gone(needs.answers, needs.store.database, 2 * HOUSEKEEPING_SECONDS)
            except Exception:  # an expiry that failed is tried again at the next look
                logger.exception("expired documents could not be deleted")
            try:
                expire_reviews(needs.store.database)
                prune_audit(needs.store.database, needs.store.audit_days)
                forget_deliveries(needs.store.database)
            except Exception:  # an item shows that its time is up all the same; rows go later
                logger.exception("held replies or old rows of the audit log could not be expired")
            is_due = monotonic() >= next_sweep
            next_sweep = monotonic() + SWEEP_SECONDS if is_due else next_sweep
            self._sweep(is_due=is_due)
            self._stop.wait(HOUSEKEEPING_SECONDS)

    def _sweep(self, *, is_due: bool) -> None:
        """Compare the store's identities, and sweep once a day."""
        store = self._dependencies.store
        try:
            if is_due:
                sweep_originals(store)  # nobody waits for it: a bucket may take minutes to list
            else:
                store.check()
        except Exception:  # orphans stay until the next sweep; the service needs them not gone
            logger.exception("the original files could not be swept")


def _import_for_assistants() -> None:
    """Import what the first request at ``/mcp`` would wait a second for; nobody waits for this."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager  # noqa: F401


def _started(name: str, work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
