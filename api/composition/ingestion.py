"""Builds what brings documents in: the sandboxed parsers, the screening, the way to URLs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING

from api.composition.embedding_model import embedder_in_use
from api.composition.store import open_library, open_store
from api.settings import Settings

if TYPE_CHECKING:
    from api.composition.replacements import Replacements
    from api.composition.store import Store
    from index.egress.fetcher import Fetcher
    from index.embedding.embedder import Embedder
    from index.library import Library
    from index.tracing import Tracing
    from ingest.lifecycle.orphan_blobs import SweepReport
    from ingest.pipeline import IngestDependencies
    from ingest.ports import Parser
    from ingest.sandbox.parser import SandboxedParser
    from ingest.screening.policy import ScreeningPolicy
    from ingest.screening.screener import Screening
    from ingest.worker import JobEnd, Worker


@dataclass(frozen=True, slots=True)
class IngestionPipeline:
    """A store's way in with one embedding model."""

    library: "Library"
    dependencies: "IngestDependencies"
    lease: timedelta
    """How long a silent worker keeps its job."""

    def worker(self, report_end: "JobEnd" = lambda _lease, _outcome: None) -> "Worker":
        """Return a worker of its own for one thread; ``report_end`` is told of each job."""
        from ingest.worker import Worker

        return Worker(self.library, self.dependencies, report_end=report_end, lease=self.lease)


def ingestion_builder(
    settings: Settings, store: "Store", replacements: "Replacements"
) -> "Callable[[], IngestionPipeline]":
    """Return a function that builds the way in for the embedding model in use."""
    parser = replacements.parser or build_sandbox(settings)
    screening = cache(partial(load_screening, settings, parser))

    def build() -> IngestionPipeline:
        embedder = embedder_in_use(settings, store.database, replacements.load_embedder)
        library = open_library(settings, store, embedder)
        dependencies = build_ingestion(embedder, parser, screening())
        return IngestionPipeline(library, dependencies, lease_of(settings))

    return build


@contextmanager
def open_ingestion(
    settings: Settings, replacements: "Replacements | None" = None
) -> "Iterator[IngestionPipeline]":
    """Open the configured store, and its way in for the embedding model in use.

    The parsers' child processes end where the block ends without an error. After an error, such as
    an interrupt, a worker's thread may still read a file, and its job would fail with its parser:
    those child processes end with this process.
    """
    from api.composition.replacements import Replacements

    replacements = replacements or Replacements()
    with open_store(settings) as store:
        sandbox = build_sandbox(settings)
        parser = replacements.parser or sandbox
        yield ingestion_builder(settings, store, replace(replacements, parser=parser))()
        sandbox.close()


def work_queue(
    current: Callable[[], IngestionPipeline],
    stop: threading.Event,
    *,
    tracing: "Tracing | None" = None,
    report_end: "JobEnd",
) -> None:
    """Work the queue until told to stop; a worker ends when the store moves to another model."""
    from index.tracing import traced_by

    with traced_by(tracing):
        while not stop.is_set():
            current().worker(report_end).run(stop)


def build_ingestion(
    embedder: "Embedder", parser: "Parser", screening: "Screening"
) -> "IngestDependencies":
    """Return what the ingestion of a document needs."""
    from ingest.chunking.chunker import ChunkingConfig
    from ingest.pipeline import IngestDependencies

    return IngestDependencies(embedder, parser, ChunkingConfig(), screening)


def lease_of(settings: Settings) -> timedelta:
    """Return how long a silent worker keeps its job."""
    return timedelta(seconds=settings.lease_seconds)


def build_sandbox(settings: Settings) -> "SandboxedParser":
    """Return the parsers and the page renderer; their child processes start at the first use."""
    from ingest.sandbox.parser import SandboxedParser

    return SandboxedParser(allow_weak=settings.allow_weak_sandbox)


def screening_policy(settings: Settings) -> "ScreeningPolicy":
    """Return what is done about findings in documents, unless a tenant chooses otherwise."""
    from index.detectors import RULES
    from ingest.screening.policy import ScreeningPolicy

    return ScreeningPolicy().with_actions(
        {str(kind): getattr(settings, f"screen_{kind}") for kind in RULES}
    )


def load_screening(settings: Settings, parser: "Parser") -> "Screening":
    """Return what looks through documents before they are indexed, and what is done about it.

    Where files are parsed in a sandbox, the rules run there, too.
    """
    from ingest.sandbox.parser import SandboxedParser
    from ingest.screening.detector import Detector, RuleDetector
    from ingest.screening.sandboxed_rules import SandboxedRules
    from ingest.screening.screener import Screening

    policy = screening_policy(settings)
    rules: Detector = RuleDetector()
    if isinstance(parser, SandboxedParser):
        rules = SandboxedRules(parser)
    if settings.pii_model is None:
        return Screening((rules,), policy)
    from ingest.screening.presidio import PresidioDetector

    return Screening((rules, PresidioDetector(settings.pii_model)), policy)


def build_fetcher(settings: Settings) -> "Fetcher":
    """Return the client for URLs that users supply."""
    from index.egress.address_policy import networks
    from index.egress.fetcher import Fetcher, FetchLimits

    limits = FetchLimits(seconds=settings.egress_seconds, size=settings.upload_limit)
    return Fetcher(allowed_networks=networks(settings.egress_allow), limits=limits)


def sweep_originals(store: "Store") -> "SweepReport":
    """Move originals that a crash left without a document to the trash."""
    from ingest.lifecycle.orphan_blobs import sweep_orphans

    return sweep_orphans(store.database, store.blobs, trash_days=store.trash_days)
