"""The ways in and out of a store with one embedding model, built as one object."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from api.composition.answering import answering_for, build_answering, load_answer_adapters
from api.composition.embedding_model import embedder_in_use
from api.composition.ingestion import IngestionPipeline, build_ingestion, lease_of, load_screening
from api.composition.llm import LanguageModels
from api.composition.replacements import Replacements
from api.composition.store import Store, open_library
from api.settings import Settings
from generate.dependencies import AnswerDependencies
from generate.guardrails.policy_reload import PolicyState
from generate.llm.registry import Registry
from index.embedding.embedder import Embedder
from index.library import Library
from ingest.ports import Parser
from retrieve.retrieve import RetrievalDependencies


@dataclass(frozen=True, slots=True)
class Pipelines:
    """Everything that depends on the embedding model."""

    ingestion: IngestionPipeline
    answering: AnswerDependencies
    models: LanguageModels

    @property
    def library(self) -> Library:
        """The store, opened with the embedding model."""
        return self.ingestion.library

    @property
    def retrieval(self) -> RetrievalDependencies:
        """The dependencies of a search."""
        return self.answering.retrieval

    @property
    def embedder(self) -> Embedder:
        """The embedding model."""
        return self.retrieval.embedder

    def answering_for(self, tenant: str) -> AnswerDependencies:
        """Return what an answer needs, with the models of the tenant's tier."""
        return answering_for(self.answering, self.models, tenant)


def pipelines_builder(
    settings: Settings,
    store: Store,
    registry: Registry,
    parser: Parser,
    replacements: Replacements,
    note_policy: Callable[[PolicyState], None] = lambda _state: None,
) -> Callable[[], Pipelines]:
    """Return a function that builds the pipelines for the embedding model in use.

    The adapters that do not depend on it are loaded at the first call and shared by the next ones.
    """
    load_adapters = cache(partial(load_answer_adapters, settings, registry, note_policy))
    screening = cache(partial(load_screening, settings, parser))

    def build() -> Pipelines:
        embedder = embedder_in_use(settings, store.database, replacements.load_embedder)
        library = open_library(settings, store, embedder)
        adapters = load_adapters()
        return Pipelines(
            IngestionPipeline(
                library, build_ingestion(embedder, parser, screening()), lease_of(settings)
            ),
            build_answering(settings, adapters, library, embedder),
            adapters.models,
        )

    return build
