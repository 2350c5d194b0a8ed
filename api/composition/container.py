"""Holds what one command uses; each piece is built at its first use."""

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from api.composition.embedding_model import load_embedder, source_in_use
from api.composition.replacements import Replacements
from api.composition.store import Store, open_library, open_store
from api.settings import Settings
from index.db.database import Database
from index.storage.blob_store import FolderBlobs, FsspecBlobs

if TYPE_CHECKING:
    from api.composition.answering import AnswerAdapters
    from api.composition.evaluation import EvaluationFolders
    from evaluate.datasets.corpus_store import CorpusDependencies
    from evaluate.ragas.judge import Judge as RagasJudge
    from evaluate.runners.journal import Journal
    from generate.dependencies import AnswerDependencies
    from generate.guardrails.policy_reload import PolicySource
    from generate.llm.port import Model
    from generate.llm.registry import ModelSpec, Registry
    from generate.verification.verifier import Verifier
    from index.egress import Fetcher
    from index.embedding.embedder import Embedder
    from index.library import Library
    from ingest.lifecycle.reingestion import Reingestion
    from ingest.pipeline import IngestDependencies
    from ingest.ports import Parser
    from ingest.screening.screener import Screening
    from ingest.worker import Worker
    from retrieve.reranking import Reranker
    from retrieve.retrieve import RetrievalDependencies


class Parts:
    """Every part of one store for one command, made when it is first asked for."""

    def __init__(self, settings: Settings, replacements: Replacements | None = None) -> None:
        self.settings = settings
        self._replacements = replacements or Replacements()
        self._closing = ExitStack()

    @cached_property
    def store(self) -> Store:
        """The database and the original files."""
        store = open_store(self.settings)
        self._closing.callback(store.close)
        return store

    @property
    def database(self) -> Database:
        """The store's database."""
        return self.store.database

    @property
    def blobs(self) -> FolderBlobs | FsspecBlobs:
        """The original files."""
        return self.store.blobs

    @cached_property
    def embedder(self) -> "Embedder":
        """The embedding model."""
        return self.embedder_from(self.settings.embedding_model)

    def embedder_from(self, source: str) -> "Embedder":
        """Load another embedding model."""
        if self._replacements.load_embedder is not None:
            return self._replacements.load_embedder(source)
        return load_embedder(self.settings, source)

    @cached_property
    def library(self) -> "Library":
        """The opened store, with the embedding model that it uses."""
        source = source_in_use(self.settings, self.database)
        if source != self.settings.embedding_model:
            self.embedder = self.embedder_from(source)
        return open_library(self.settings, self.store, self.embedder)

    @cached_property
    def reranker(self) -> "Reranker | None":
        """The cross-encoder, where one is configured."""
        from api.composition.retrieval import load_reranker

        return load_reranker(self.settings)

    @cached_property
    def retrieval(self) -> "RetrievalDependencies":
        """What a search needs."""
        from api.composition.retrieval import build_retrieval

        return build_retrieval(self.library, self.embedder, self.reranker)

    @cached_property
    def adapters(self) -> "AnswerAdapters":
        """What answers share."""
        from api.composition.answering import load_answer_adapters

        return load_answer_adapters(self.settings, self.registry)

    @property
    def model(self) -> "Model | None":
        """The model that writes answers; none means that they are quoted."""
        return self.adapters.models.chain

    @cached_property
    def policy(self) -> "PolicySource":
        """The guardrails' policy."""
        from api.composition.llm import load_policy

        return load_policy(self.settings)

    @cached_property
    def registry(self) -> "Registry":
        """The models that are configured."""
        from api.composition.llm import load_registry

        return load_registry(self.settings)

    def model_key(self, spec: "ModelSpec") -> str | None:
        """Return the key of a model's server."""
        from api.composition.llm import model_key

        return model_key(self.settings, spec)

    def answering_for(self, tenant: str) -> "AnswerDependencies":
        """Return what an answer needs, with the models of the tenant's tier."""
        from api.composition.answering import answering_for

        return answering_for(self.answering_over(self.library), self.adapters.models, tenant)

    def answering_over(self, library: "Library") -> "AnswerDependencies":
        """Return what an answer from any library needs, configured as the service is."""
        from api.composition.answering import build_answering

        return build_answering(self.settings, self.adapters, library, self.embedder)

    @cached_property
    def verifier(self) -> "Verifier":
        """What judges whether a quote supports a sentence."""
        from api.composition.answering import build_verifier

        return build_verifier(self.settings, self.embedder)

    def ragas_judge(self, name: str, url: str | None = None) -> "RagasJudge":
        """Return the model that RAGAS' metrics ask: one that is listed, or one at an address."""
        from api.composition.evaluation import build_ragas_judge

        return build_ragas_judge(self.settings, self.registry, name, url)

    @cached_property
    def fetcher(self) -> "Fetcher":
        """The client for URLs that users supply."""
        from api.composition.ingestion import build_fetcher

        return build_fetcher(self.settings)

    @cached_property
    def parser(self) -> "Parser":
        """What turns files into text."""
        from api.composition.ingestion import build_sandbox

        if self._replacements.parser is not None:
            return self._replacements.parser
        return self._closing.enter_context(build_sandbox(self.settings))

    @cached_property
    def screening(self) -> "Screening":
        """What looks through documents before they are indexed."""
        from api.composition.ingestion import load_screening

        return load_screening(self.settings, self.parser)

    @cached_property
    def _ingestion(self) -> "IngestDependencies":
        from api.composition.ingestion import build_ingestion

        return build_ingestion(self.embedder, self.parser, self.screening)

    def worker(self) -> "Worker":
        """Make a worker of its own for one thread."""
        from ingest.worker import Worker

        return Worker(self.library, self._ingestion)

    def reingest(self, tenant: str, *, submitter: str, everything: bool) -> "Reingestion":
        """Queue what today would be read otherwise than it was."""
        from ingest.lifecycle.reingestion import reingest_outdated

        return reingest_outdated(
            self.library, tenant, self._ingestion.chunking, self.screening,
            submitter=submitter, everything=everything,
        )  # fmt: skip

    @cached_property
    def _folders(self) -> "EvaluationFolders":
        from api.composition.evaluation import EvaluationFolders

        return EvaluationFolders.of(self.settings)

    def corpus(self) -> "CorpusDependencies":
        """Return what turns a corpus into a store."""
        from api.composition.evaluation import build_corpus

        return build_corpus(self._folders, self.embedder)

    @property
    def runs_folder(self) -> Path:
        """Where finished evaluation runs are kept, a folder each."""
        return self._folders.runs

    def journal(self) -> "Journal":
        """Make what lets an interrupted evaluation go on."""
        return self._folders.journal()

    def close(self) -> None:
        """End the child processes and close the database's connections."""
        self._closing.close()
