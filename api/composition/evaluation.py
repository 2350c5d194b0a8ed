"""Builds what evaluations need: where they keep things, a corpus, a judge for RAGAS."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.composition.llm import MODEL_CONNECTIONS, load_registry, model_key
from api.composition.store import open_folder
from api.settings import Settings
from evaluate.datasets.corpus_store import CorpusDependencies
from evaluate.ragas.judge import Judge, ReplyCache, judge_endpoint, judge_spec
from evaluate.runners.journal import FileJournal
from generate.llm.openai_client import OpenAIModel
from generate.llm.registry import Registry
from index.egress.operator_client import operator_client
from index.embedding.embedder import Embedder
from ingest.chunking.chunker import ChunkingConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from generate.dependencies import AnswerDependencies
    from index.library import Library


@dataclass(frozen=True, slots=True)
class EvaluationFolders:
    """Where evaluations keep stores, runs and replies."""

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> "EvaluationFolders":
        """Return the configured folders."""
        return cls(settings.cache or settings.data / "evaluation")

    @property
    def runs(self) -> Path:
        """The folder of finished runs, a folder each."""
        return self.root / "runs"

    @property
    def replies(self) -> Path:
        """The file of the replies that judges gave."""
        return self.root / "judge" / "replies.jsonl"

    def journal(self) -> FileJournal:
        """Return what lets an interrupted evaluation go on."""
        return FileJournal(self.root / "unfinished")


def build_corpus(folders: EvaluationFolders, embedder: Embedder) -> CorpusDependencies:
    """Return what turns a corpus into a store."""
    return CorpusDependencies(
        partial(open_folder, embedder=embedder), embedder, ChunkingConfig(), folders.root
    )


def answering_builder(
    settings: Settings, embedder: Embedder
) -> "Callable[[Library], AnswerDependencies]":
    """Return a function that builds what an answer from any library needs, as the service would.

    Raises:
        RegistryError: the file of the models does not fit.
        PolicyError: the file of the guardrails does not fit.

    """
    from api.composition.answering import build_answering, load_answer_adapters

    adapters = load_answer_adapters(settings, load_registry(settings))
    return partial(build_answering, settings, adapters, embedder=embedder)


def build_ragas_judge(
    settings: Settings, registry: Registry, name: str, url: str | None = None
) -> Judge:
    """Return the model that RAGAS' metrics ask: one that is listed, or one at an address."""
    spec = judge_spec(registry, name, url)
    model = OpenAIModel(
        judge_endpoint(spec, model_key(settings, spec)),
        operator_client(max_connections=MODEL_CONNECTIONS),
    )
    price = spec.price if "price" in spec.model_fields_set else None
    return Judge(model, price=price, cache=ReplyCache(EvaluationFolders.of(settings).replies))
