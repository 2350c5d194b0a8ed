"""A running service: its collaborators are built here, and started and stopped together."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path

from api.admission.controller import Admission, AdmissionLimits
from api.auth.sign_in import SignIn
from api.composition.ingestion import build_fetcher, build_sandbox, lease_of, screening_policy
from api.composition.llm import load_registry
from api.composition.model_switch import InUse
from api.composition.pipelines import Pipelines, pipelines_builder
from api.composition.replacements import Replacements
from api.composition.store import Store, open_store
from api.documents.page_images import PageRenderer
from api.evaluations.live_scoring import LiveScores
from api.evaluations.run_worker import RunDependencies
from api.operations.background_tasks import BackgroundTasks, TaskDependencies
from api.operations.demo import StartQuestion
from api.operations.disk_space import DiskSpace, free_bytes
from api.operations.policy_record import record_policy
from api.operations.service_metrics import ServiceCollector
from api.questions.answer_cache import AnswerCache
from api.questions.dependencies import QuestionDependencies
from api.questions.reviews import review_terms
from api.settings import JUDGE, Settings
from api.telemetry.prometheus import Metrics
from api.telemetry.store_metrics import (
    DatabaseCollector,
    IndexCollector,
    QueueCollector,
    ReviewCollector,
)
from api.telemetry.trace_pipeline import open_tracing
from api.webhooks.delivery_worker import DeliveryDependencies
from generate.dependencies import AnswerDependencies
from generate.llm.fallback_chain import Route
from index.audit.read_log import ReadLog
from index.db.database import Database
from index.egress.fetcher import Fetcher
from index.library import Library
from index.tracing import Tracing
from ingest.screening.policy import ScreeningPolicy


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The objects that live as long as the service.

    Of the routes' code, only ``api/dependencies.py`` reads it.
    """

    settings: Settings
    store: Store
    pipelines: InUse[Pipelines]
    questions: QuestionDependencies
    screening: ScreeningPolicy
    pages: PageRenderer
    fetcher: Fetcher
    metrics: Metrics
    reads: ReadLog
    sign_in: SignIn | None
    """Signs people in to the page; none where OIDC is not configured."""
    background: BackgroundTasks
    tracing: Tracing | None
    """Where spans go; none where no collector is set."""
    resources: ExitStack
    """Closes the store and ends the parsers' child processes."""
    start_questions: dict[str, list[StartQuestion]] = field(default_factory=dict)
    """By principal; only a service that was started with the samples has some."""

    @property
    def database(self) -> Database:
        """The store's database."""
        return self.store.database


def build_service(settings: Settings, replacements: Replacements | None = None) -> ServiceState:
    """Open the store and build what a service needs; models are loaded by the warm-up.

    Raises:
        RegistryError: the file of the models does not fit.
        StoreMismatchError: the database and the original files belong to different stores.

    """
    replacements = replacements or Replacements()
    store = open_store(settings, replacements.database)
    registry = load_registry(settings)
    store.check()
    resources = ExitStack()
    resources.callback(store.close)
    tracing = resources.enter_context(open_tracing(settings))
    sandbox = resources.enter_context(build_sandbox(settings))
    parser = replacements.parser or sandbox
    reads = ReadLog(store.database)
    note_policy = partial(record_policy, store.database, reads)
    pipelines = InUse(
        store.database,
        pipelines_builder(settings, store, registry, parser, replacements, note_policy),
    )
    metrics, answers = Metrics(), AnswerCache(settings.answer_cache)
    live = LiveScores(store.database, metrics, settings.live_share)

    def answering(tenant: str) -> AnswerDependencies:
        return pipelines.current.answering_for(tenant)

    questions = QuestionDependencies(
        database=store.database,
        retrieval=lambda: pipelines.current.retrieval,
        answering=answering,
        registry=registry,
        admission=Admission(_admission_limits(settings)),
        threads=ThreadPoolExecutor(2 * settings.ask_places, "ask"),
        answers=answers,
        reads=reads,
        metrics=metrics,
        score_later=live.offer,
        review_terms=review_terms(settings),
        stall_s=settings.reader_stall_seconds,
        is_judged=settings.verifier == JUDGE,
    )
    runs, fetcher = RunDependencies(store.database, registry, answering), build_fetcher(settings)
    deliveries = DeliveryDependencies(
        store.database, fetcher, settings.webhook_failures, settings.webhook_senders
    )
    tasks = TaskDependencies(
        store, pipelines, runs, deliveries, live, answers, settings.workers,
        bool(settings.live_share),
        DiskSpace(_folders_to_write(settings), replacements.free_bytes or free_bytes),
        settings.stop_seconds, lease_of(settings), metrics, tracing,
    )  # fmt: skip
    background = BackgroundTasks(tasks)
    _watch(metrics, store.database, questions, background, pipelines)
    return ServiceState(
        settings, store, pipelines, questions, screening_policy(settings),
        PageRenderer(sandbox.render_page),
        fetcher, metrics, reads, SignIn.of(settings, store.database),
        background, tracing, resources,
    )  # fmt: skip


def _watch(
    metrics: Metrics,
    database: Database,
    questions: QuestionDependencies,
    background: BackgroundTasks,
    pipelines: InUse[Pipelines],
) -> None:
    """Have the metrics look at the store and the process whenever they are read."""

    def routes() -> tuple[Route, ...]:
        newest = pipelines.built
        chain = newest.models.chain if newest else None
        return chain.routes if chain else ()

    def library() -> Library | None:
        newest = pipelines.built
        return newest.library if newest else None

    metrics.watch_admission(questions.admission)
    metrics.watch_cache(questions.answers)
    metrics.watch(
        QueueCollector(database),
        ReviewCollector(database),
        DatabaseCollector(database),
        IndexCollector(database, library),
        ServiceCollector(version("footnote"), background, routes),
    )


@contextmanager
def running(service: ServiceState) -> Iterator[None]:
    """Run a service for the length of the block; nobody waits for its models."""
    settings = service.settings
    service.background.start()
    close_metrics = (
        service.metrics.serve(settings.host, settings.metrics_port)
        if settings.metrics_port is not None
        else None
    )
    try:
        yield
    finally:
        if close_metrics is not None:
            close_metrics()
        service.background.stop()
        service.pages.close()
        service.questions.threads.shutdown(wait=False, cancel_futures=True)
        service.reads.close()
        service.resources.close()


def _folders_to_write(settings: Settings) -> list[Path]:
    """Return the data folder, and the originals' where they are in a folder elsewhere."""
    roots = [settings.data] + ([] if "://" in settings.blobs_root else [Path(settings.blobs_root)])
    return list(dict.fromkeys(roots))


def _admission_limits(settings: Settings) -> AdmissionLimits:
    return AdmissionLimits(
        working=settings.ask_workers or os.cpu_count() or 1,
        slots=settings.ask_places,
        waiting=settings.ask_queue,
        wait_s=settings.ask_wait_seconds,
    )
