"""Where ports meet adapters: the only module that names concrete ones.

Everything is made at its first use, so that a command pays for what it needs alone.
"""

import threading
import time
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UsageError
from api.settings import BUNDLED, JUDGE, Settings
from index.db.database import Database
from index.egress.operator_client import operator_client
from index.embedding.active_model import active_model, source_of
from index.errors import DatabaseTooOldError
from index.storage.blob_store import FolderBlobs, FsspecBlobs

if TYPE_CHECKING:
    from evaluate.datasets.corpus_store import CorpusDependencies
    from evaluate.ragas.judge import Judge as RagasJudge
    from evaluate.runners.journal import Journal
    from generate.dependencies import AnswerDependencies
    from generate.guardrails.policy_reload import PolicySource
    from generate.llm.fallback_chain import RoutedModel
    from generate.llm.port import Model
    from generate.llm.registry import ModelSpec, Registry
    from generate.quoting.span_reader import SpanReader
    from generate.verification.verifier import Verifier
    from index.egress import Fetcher
    from index.embedding.embedder import Embedder
    from index.library import Library
    from index.search.dense import Nominator
    from ingest.lifecycle.reingestion import Reingestion
    from ingest.pipeline import IngestDependencies
    from ingest.ports import Parser
    from ingest.sandbox.parser import SandboxedParser
    from ingest.screening.screener import Screening
    from ingest.worker import Worker
    from retrieve.reranking import Reranker
    from retrieve.retrieve import RetrievalDependencies

MODEL_CONNECTIONS = 32

LOOK_SECONDS = 1.0
"""Between two looks at which embedding model the store uses."""

EMBEDDING_PARTS = ("_embedder", "_library", "_retrieval", "_answering", "_ingesting", "verifier")
"""What is made anew with another embedding model."""


def open_database(settings: Settings) -> Database:
    """Open the configured database as it is; nothing is made or migrated."""
    if settings.database_url:
        return Database(settings.database_url.get_secret_value())
    return Database.in_folder(settings.data)


@dataclass(frozen=True, slots=True)
class Replacements:
    """Adapters to use instead of the configured ones: what the tests put in."""

    embedder: "Embedder | None" = None
    parser: "Parser | None" = None
    model: "Model | None" = None


class Parts:
    """Every part of one store, made when it is first asked for, shared from then on."""

    def __init__(self, settings: Settings, replacements: Replacements | None = None) -> None:
        self.settings = settings
        self._replacements = replacements or Replacements()
        self._lock = threading.RLock()
        self._looked = 0.0

    @cached_property
    def database(self) -> Database:
        """The store's database, its tables made or migrated where that is needed."""
        database = open_database(self.settings)
        try:
            database.check()
        except DatabaseTooOldError:
            database.create()
        return database

    @cached_property
    def blobs(self) -> FolderBlobs | FsspecBlobs:
        """The original files."""
        root = self.settings.blobs_root
        return FsspecBlobs(root) if "://" in root else FolderBlobs(Path(root))

    @property
    def embedder(self) -> "Embedder":
        """The embedding model; the bundled one is ready in a second."""
        with self._lock:  # two requests at once must not load it twice
            self._follow_switch()
            return self._embedder

    @cached_property
    def _embedder(self) -> "Embedder":
        if self._replacements.embedder is not None:
            return self._replacements.embedder
        return self.embedder_from(self._source_in_use() or self.settings.embedding_model)

    def _source_in_use(self) -> str | None:
        """Return where the store's own choice is loaded from; none before a store is opened."""
        if "database" not in self.__dict__:
            return None
        with self.database.read() as session:
            active = active_model(session)
            return source_of(session, active) if active else None

    def embedder_from(self, source: str) -> "Embedder":
        """Load an embedding model: the bundled one, a sentence-transformers folder, or a server."""
        if source.startswith(("http://", "https://")):
            from api.composition.embedding_endpoint import embedding_endpoint
            from index.embedding.openai_embedder import RemoteEmbedder

            endpoint = embedding_endpoint(self.settings, source)
            return RemoteEmbedder(endpoint, operator_client(max_connections=endpoint.at_once))
        if source == BUNDLED:
            from index.embedding.bundled_minilm import BertEmbedder

            return BertEmbedder.bundled()
        from index.embedding.embedder import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(source)

    def _follow_switch(self) -> None:
        """Drop what hangs on the embedding model once the store has moved to another."""
        now = time.monotonic()
        if "_library" not in self.__dict__ or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        with self.database.read() as session:
            active = active_model(session)
        if active not in (None, self._library.model):
            for name in EMBEDDING_PARTS:
                self.__dict__.pop(name, None)

    @property
    def library(self) -> "Library":
        """The opened store."""
        with self._lock:
            self._follow_switch()
            return self._library

    @cached_property
    def _library(self) -> "Library":
        from index.library import Library

        return Library(
            self.database, self.blobs, self.settings.data / "index",
            model=self.embedder.name, dimension=self.embedder.dimension,
            nominator=make_nominator(self.settings.dense),
        )  # fmt: skip

    @property
    def retrieval(self) -> "RetrievalDependencies":
        """What a search needs."""
        with self._lock:
            self._follow_switch()
            return self._retrieval

    @cached_property
    def _retrieval(self) -> "RetrievalDependencies":
        return self.retrieval_over(self.library)

    @cached_property
    def reranker(self) -> "Reranker | None":
        """The cross-encoder, where one is configured."""
        if self.settings.reranker is None:
            return None
        from retrieve.reranking import CrossEncoderReranker

        return CrossEncoderReranker(self.settings.reranker)

    @property
    def answering(self) -> "AnswerDependencies":
        """What an answer needs."""
        with self._lock:
            self._follow_switch()
            return self._answering

    @cached_property
    def _answering(self) -> "AnswerDependencies":
        return self.answering_over(self.library)

    @cached_property
    def model(self) -> "Model | None":
        """The model that writes answers; none means that they are quoted."""
        return self._replacements.model or self.chain

    @cached_property
    def policy(self) -> "PolicySource":
        """The guardrails' policy, shared by all answers of this process.

        Raises:
            PolicyError: the file does not fit.

        """
        from generate.guardrails.policy_reload import PolicySource
        from generate.guardrails.text_classifier import guard_of

        make = partial(guard_of, model_at=self._model_at)
        return PolicySource(self.settings.policy, make_guard=make)

    @cached_property
    def registry(self) -> "Registry":
        """The models that are configured: those of the file, or the one at ``model_url``.

        Raises:
            RegistryError: the file does not fit.

        """
        from generate.llm.registry import ModelSpec, Registry, read_registry

        settings = self.settings
        if settings.models is not None:
            return read_registry(settings.models)
        if not settings.model_url:
            return Registry()
        spec = ModelSpec(name=settings.model_name or "default", url=settings.model_url)
        return Registry(models=(spec,))

    @cached_property
    def chain(self) -> "RoutedModel | None":
        """The chain of the models that serve; none where there is none."""
        from generate.llm.fallback_chain import Route, RoutedModel

        serving = [spec for spec in self.registry.models if spec.serving]
        routes = [Route(spec, self._model_of(spec)) for spec in serving]
        return RoutedModel(routes) if routes else None

    def answering_for(self, tenant: str) -> "AnswerDependencies":
        """Return what an answer needs, with the models of the tenant's tier."""
        parts = self.answering
        if self.chain is None or self._replacements.model is not None:
            return parts
        chain = self.chain.for_tier(self.registry.tier(tenant))
        if chain is None:
            return replace(parts, model=None)
        config = replace(parts.config, context_tokens=chain.context_tokens)
        return replace(parts, model=chain, config=config)

    def model_key(self, spec: "ModelSpec") -> str | None:
        """Return the key of a model's server: its own file's, or the one for all."""
        if spec.key_file is not None:
            from generate.llm.registry import read_key

            return read_key(spec.key_file)
        key = self.settings.model_key
        return key.get_secret_value() if key else None

    def _model_of(self, spec: "ModelSpec") -> "Model":
        from generate.llm.openai_client import ModelEndpoint, OpenAIModel
        from generate.llm.token_counting import local_counter, server_counter

        key = self.model_key(spec)
        served_as = spec.served_as or spec.name
        client = operator_client(max_connections=MODEL_CONNECTIONS)
        count = (
            local_counter(spec.tokenizer)
            if spec.tokenizer
            else server_counter(client, spec.base, served_as, key)
        )
        endpoint = ModelEndpoint(
            name=spec.name, url=spec.base, key=key, served_as=served_as,
            answer_tokens=spec.answer_tokens,
        )  # fmt: skip
        return OpenAIModel(endpoint, client, count=count)

    def ragas_judge(self, name: str, url: str | None = None) -> "RagasJudge":
        """Return the model that RAGAS' metrics ask: one that is listed, or one at an address."""
        from evaluate.ragas.judge import Judge, ReplyCache, judge_endpoint, judge_spec
        from generate.llm.openai_client import OpenAIModel

        spec = judge_spec(self.registry, name, url)
        model = OpenAIModel(
            judge_endpoint(spec, self.model_key(spec)),
            operator_client(max_connections=MODEL_CONNECTIONS),
        )
        cache = ReplyCache(self.evaluations / "judge" / "replies.jsonl")
        price = spec.price if "price" in spec.model_fields_set else None
        return Judge(model, price=price, cache=cache)

    def _model_at(self, url: str, name: str | None) -> "Model":
        from generate.llm.openai_client import ModelEndpoint, OpenAIModel

        key = self.settings.model_key
        endpoint = ModelEndpoint(
            name=name or "default", url=url.rstrip("/").removesuffix("/v1"),
            key=key.get_secret_value() if key else None,
        )  # fmt: skip
        return OpenAIModel(endpoint, operator_client(max_connections=MODEL_CONNECTIONS))

    @cached_property
    def fetcher(self) -> "Fetcher":
        """The client for URLs that users supply."""
        from index.egress import Fetcher, FetchLimits, networks

        settings = self.settings
        limits = FetchLimits(seconds=settings.egress_seconds, size=settings.upload_limit)
        return Fetcher(allowed=networks(settings.egress_allow), limits=limits)

    def sweep(self) -> int:
        """Delete originals that a crash left without a document; return how many there were."""
        from ingest.lifecycle.orphan_blobs import GRACE, sweep_orphans

        settled = time.time() - GRACE.total_seconds()
        self.blobs.discard_partial(older_than=settled)
        return sweep_orphans(self.library, self.blobs.names(older_than=settled))

    def worker(self) -> "Worker":
        """Make a worker of its own for one thread."""
        from ingest.worker import Worker

        return Worker(self.library, self._ingesting)

    def work(self, stop: threading.Event) -> None:
        """Work the queue until told to stop, with the embedding model that is in use."""
        while not stop.is_set():
            self.worker().run(stop)

    def reingest(self, tenant: str, *, submitter: str, everything: bool) -> "Reingestion":
        """Queue what today would be read otherwise than it was."""
        from ingest.lifecycle.reingestion import reingest_outdated

        return reingest_outdated(
            self.library, tenant, self._ingesting.chunking, self.screening,
            submitter=submitter, everything=everything,
        )  # fmt: skip

    @cached_property
    def _ingesting(self) -> "IngestDependencies":
        from ingest.chunking.chunker import ChunkingConfig
        from ingest.pipeline import IngestDependencies

        return IngestDependencies(self.embedder, self.parser, ChunkingConfig(), self.screening)

    @cached_property
    def screening(self) -> "Screening":
        """What looks through documents before they are indexed, and what is done about it."""
        from index.detectors import RULES
        from ingest.screening.detector import RuleDetector
        from ingest.screening.policy import ScreeningPolicy
        from ingest.screening.screener import Screening

        actions = {str(kind): getattr(self.settings, f"screen_{kind}") for kind in RULES}
        policy = ScreeningPolicy().changed(actions)
        if self.settings.pii_model is None:
            return Screening((RuleDetector(),), policy)
        from ingest.screening.presidio import PresidioDetector

        return Screening((RuleDetector(), PresidioDetector(self.settings.pii_model)), policy)

    def open_store(self, folder: Path) -> "Library":
        """Open a store of its own in a folder, for an evaluation's corpus."""
        from index.library import Library

        database = Database.in_folder(folder)
        database.create()
        return Library(
            database, FolderBlobs(folder / "blobs"), folder / "index",
            model=self.embedder.name, dimension=self.embedder.dimension,
        )  # fmt: skip

    def corpus(self) -> "CorpusDependencies":
        """Return what turns a corpus into a store."""
        from evaluate.datasets.corpus_store import CorpusDependencies
        from ingest.chunking.chunker import ChunkingConfig

        return CorpusDependencies(
            self.open_store, self.embedder, ChunkingConfig(), self.evaluations
        )

    @property
    def evaluations(self) -> Path:
        """Where evaluations keep stores and runs."""
        return self.settings.cache or self.settings.data / "evaluation"

    @property
    def runs_folder(self) -> Path:
        """Where finished evaluation runs are kept, a folder each."""
        return self.evaluations / "runs"

    def journal(self) -> "Journal":
        """Make what lets an interrupted evaluation go on."""
        from evaluate.runners.journal import FileJournal

        return FileJournal(self.evaluations / "unfinished")

    def retrieval_over(self, library: "Library") -> "RetrievalDependencies":
        """Return what a search in any library needs, configured as the service is."""
        from retrieve.config import RetrievalConfig
        from retrieve.retrieve import RetrievalDependencies

        return RetrievalDependencies(library, self.embedder, RetrievalConfig(), self.reranker)

    def answering_over(self, library: "Library") -> "AnswerDependencies":
        """Return what an answer from any library needs, configured as the service is."""
        from generate.config import AnswerConfig
        from generate.dependencies import AnswerDependencies
        from generate.quoting.quoter import Quoter

        settings = self.settings
        config = AnswerConfig(unsupported=settings.unsupported, rewriting=settings.rewriting)
        if self.chain is not None:
            specs = [route.spec for route in self.chain.routes]
            config = replace(
                config,
                context_tokens=max(spec.context_tokens for spec in specs),
                answer_tokens=max(spec.answer_tokens for spec in specs),
            )
        return AnswerDependencies(
            retrieval=self.retrieval_over(library), model=self.model, verifier=self.verifier,
            quoter=Quoter(self.embedder, config.quoting, self.reader), config=config,
            policy=self.policy, price=self.registry.cost,
        )  # fmt: skip

    @cached_property
    def reader(self) -> "SpanReader":
        """What finds the very words that answer."""
        if self.settings.reader is None:
            from generate.quoting.pattern_reader import PatternReader

            return PatternReader()
        from generate.quoting.span_reader import TransformersReader

        return TransformersReader(self.settings.reader)

    @cached_property
    def verifier(self) -> "Verifier":
        """What judges whether a quote supports a sentence.

        Raises:
            UsageError: a judge is wanted, and no server is configured for it.

        """
        settings = self.settings
        if settings.verifier == JUDGE:
            from generate.verification.llm_judge import JudgeVerifier

            url = settings.judge_url or settings.model_url
            if url is None:
                raise UsageError("FOOTNOTE_VERIFIER=judge needs FOOTNOTE_JUDGE_URL.")
            return JudgeVerifier(self._model_at(url, settings.judge_name or settings.model_name))
        if settings.verifier is not None:
            from generate.verification.cross_encoder import CrossEncoderVerifier

            return CrossEncoderVerifier(settings.verifier)
        from generate.verification.verifier import AlignmentVerifier

        return AlignmentVerifier(self.embedder)

    @property
    def parser(self) -> "Parser":
        """What turns files into text."""
        return self._replacements.parser or self.sandbox

    @cached_property
    def sandbox(self) -> "SandboxedParser":
        """The parsers and the page renderer, in child processes with limits."""
        from ingest.sandbox.parser import SandboxedParser

        return SandboxedParser(allow_weak=self.settings.allow_weak_sandbox)

    def close(self) -> None:
        """End the child processes and close the database's connections."""
        if "sandbox" in self.__dict__:
            self.sandbox.close()
        if "database" in self.__dict__:
            self.database.engine.dispose()


def make_nominator(name: str) -> "Nominator":
    """Return what ``FOOTNOTE_DENSE`` names.

    Raises:
        NoGpuError: it names the GPU, and there is none that can be used.

    """
    if name == "gpu":
        from index.search.faiss_gpu_scan import GpuScan

        return GpuScan()
    if name == "faiss":
        from index.search.faiss_scan import FaissScan

        return FaissScan()
    from index.search.dense import CodeScan

    return CodeScan()
