"""A running service: the parts of one store, its metrics, its workers, and whether it is ready."""

import logging
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import text

from api.admission.controller import Admission, AdmissionLimits, Place
from api.admission.fair_queue import Asker
from api.composition.container import Parts
from api.evaluations.live_scoring import LiveScores
from api.questions.answer_cache import AnswerCache, forget_gone
from api.questions.reviews import expire_reviews
from api.settings import Settings
from api.telemetry.prometheus import Metrics
from index.access.audit_log import ReadLog
from index.db.database import Database
from index.library import Library
from index.types import Actor
from ingest.lifecycle.retention import expire_documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from generate.llm.registry import Tier

logger = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 300.0
"""Between two looks for documents whose time is up."""

PARALLEL_PAGES = 2
"""Page images rendered at once: each takes a child process."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each condition of being ready, by name."""

    database: bool
    index: bool
    embedder: bool
    workers: bool

    @property
    def ready(self) -> bool:
        """Tell whether all of them hold."""
        return all(asdict(self).values())


class Service:
    """What the routes share. ``start`` returns at once and warms up in the background."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.metrics = Metrics()
        self.metrics.watch_queues(parts.database)
        self.pages = ThreadPoolExecutor(PARALLEL_PAGES, "pages")
        self.admission = Admission(_limits(parts.settings))
        self.metrics.watch_admission(self.admission)
        self.askers = ThreadPoolExecutor(2 * parts.settings.ask_places, "ask")
        self.answers = AnswerCache(parts.settings.answer_cache)
        self.metrics.watch_cache(self.answers)
        self.live = LiveScores(parts.database, self.metrics, parts.settings.live_share)
        self._reads = ReadLog(parts.settings.data / "audit")
        self._stop = threading.Event()
        self._warm = threading.Event()
        self._threads: list[threading.Thread] = []
        self._evaluations: list[threading.Thread] = []
        self._keeper: threading.Thread | None = None
        self._close_metrics: Callable[[], None] = lambda: None

    @property
    def settings(self) -> Settings:
        """What the operator has set."""
        return self.parts.settings

    @property
    def database(self) -> Database:
        """The store's database."""
        return self.parts.database

    @property
    def library(self) -> Library:
        """The opened store."""
        return self.parts.library

    def start(self) -> None:
        """Load the model and the index, and start the workers, without making anybody wait."""
        self._run("warm-up", self._prepare)
        if self.settings.metrics_port is not None:
            self._close_metrics = self.metrics.serve(self.settings.host, self.settings.metrics_port)

    def stop(self) -> None:
        """Let the workers finish what they hold; a job that does not end is taken up later."""
        self._stop.set()
        self._close_metrics()
        keeper = [self._keeper] if self._keeper else []
        for thread in (*self._threads, *self._evaluations, *keeper):
            thread.join(timeout=10)
        self.pages.shutdown(wait=False, cancel_futures=True)
        self.askers.shutdown(wait=False, cancel_futures=True)
        self._reads.close()
        self.parts.close()

    def enter(self, actor: Actor, cost: float | None = None) -> Place:
        """Queue an ask, or a search of a known cost in tokens, by its tenant's weight.

        Raises:
            OverloadedError: it would not be served in time.

        """
        return self.admission.enter(self._asker(actor), cost)

    def check_room(self, actor: Actor) -> None:
        """Refuse what ``enter`` would refuse.

        Raises:
            OverloadedError: it would not be served in time.

        """
        self.admission.check_room(self._asker(actor))

    def _asker(self, actor: Actor) -> Asker:
        return Asker(actor.scope.tenant, actor.owner, self.terms(actor.scope.tenant).weight)

    def terms(self, tenant: str) -> "Tier":
        """Return what a tenant's tier gets: its weight, budgets and rates."""
        return self.parts.registry.terms(tenant)

    def note_read(self, actor: Actor, action: str, documents: Iterable[str]) -> None:
        """Add a read to the audit log: who, what kind, which documents; never what was asked."""
        self._reads.record(actor.scope, actor.owner, action, sorted(set(documents)))

    def readiness(self) -> Readiness:
        """Ask every part how it is."""
        warm = self._warm.is_set()
        wanted = 1 + self.settings.workers
        alive = sum(thread.is_alive() for thread in self._threads[1:])
        return Readiness(
            database=self._database_answers(),
            index=warm,
            embedder=warm,
            workers=warm and len(self._threads) == wanted and alive == self.settings.workers,
        )

    def _prepare(self) -> None:
        from index.search.isolation_check import prove_wall

        try:
            self.parts.retrieval.embedder.embed(["warm-up"])
            prove_wall(self.library.nominator)
            self.library.follow()
            _ = self.parts.answering
            self._start_workers()
            self._start_evaluations()
            self._keeper = threading.Thread(target=self._keep_house, name="house", daemon=True)
            self._keeper.start()
        except Exception:  # a service that cannot start says so at /readyz and in the log
            logger.exception("warm-up failed")
            return
        self._warm.set()
        try:
            self.parts.sweep()  # nobody waits for it: a bucket may take minutes to list
        except Exception:  # orphans stay until the next start; the service needs them not gone
            logger.exception("orphaned originals could not be swept")

    def _keep_house(self) -> None:
        """Delete what expires and deny what nobody decided, now and every few minutes."""
        from api.questions.idempotency import forget_keys

        while not self._stop.is_set():
            try:
                expire_documents(self.library)
                forget_keys(self.database)
                forget_gone(self.answers, self.database, 2 * HOUSEKEEPING_SECONDS)
            except Exception:  # an expiry that failed is tried again at the next look
                logger.exception("expired documents could not be deleted")
            try:
                expire_reviews(self.database)
            except Exception:  # whoever reads an item sees that its time is up all the same
                logger.exception("held replies could not be expired")
            self._stop.wait(HOUSEKEEPING_SECONDS)

    def _start_workers(self) -> None:
        for number in range(self.settings.workers):
            self._run(f"worker-{number}", lambda: self.parts.work(self._stop))

    def _start_evaluations(self) -> None:
        """Work evaluation runs, and score live answers where a share of them is wanted."""
        from api.evaluations.run_worker import work_runs

        self._run("evaluations", lambda: work_runs(self.parts, self._stop), self._evaluations)
        if self.settings.live_share:
            verifier = self.parts.verifier
            self._run("live", lambda: self.live.work(verifier, self._stop), self._evaluations)

    def _run(self, name: str, work: Any, threads: list[threading.Thread] | None = None) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        (self._threads if threads is None else threads).append(thread)
        thread.start()

    def _database_answers(self) -> bool:
        try:
            with self.database.read() as session:
                session.execute(text("select 1"))
        except Exception:  # whatever the driver raises, the database does not answer
            logger.exception("database does not answer")
            return False
        return True


def _limits(settings: Settings) -> AdmissionLimits:
    return AdmissionLimits(
        working=settings.ask_workers or os.cpu_count() or 1,
        places=settings.ask_places,
        waiting=settings.ask_queue,
        wait_s=settings.ask_wait_seconds,
    )


async def current_service(request: Request) -> Service:  # no thread for a look
    """Return the service behind the app that serves this request."""
    service: Service = request.app.state.service
    return service


CurrentService = Annotated[Service, Depends(current_service)]
