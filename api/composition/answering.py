"""Builds what an answer needs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.composition.llm import LanguageModels, load_language_models, load_policy, model_at
from api.composition.retrieval import build_retrieval, load_reranker
from api.errors import UsageError
from api.settings import JUDGE, Settings
from generate.config import AnswerConfig
from generate.dependencies import AnswerDependencies
from generate.guardrails.policy_reload import PolicySource, PolicyState
from generate.llm.fallback_chain import RoutedModel
from generate.llm.registry import Registry
from generate.quoting.quoter import Quoter
from generate.quoting.span_reader import SpanReader
from generate.verification.verifier import Verifier
from retrieve.reranking import Reranker

if TYPE_CHECKING:
    from index.embedding.embedder import Embedder
    from index.library import Library


@dataclass(frozen=True, slots=True)
class AnswerAdapters:
    """The adapters that answers share, whichever embedding model the store uses."""

    models: LanguageModels
    policy: PolicySource
    reader: SpanReader
    """Finds the very words that answer."""
    reranker: Reranker | None


def load_answer_adapters(
    settings: Settings,
    registry: Registry,
    note_policy: Callable[[PolicyState], None] = lambda _state: None,
) -> AnswerAdapters:
    """Load the configured adapters; ``note_policy`` is told which policy is in force.

    Raises:
        RegistryError: the key of a model cannot be read.
        PolicyError: the file of the guardrails does not fit.

    """
    return AnswerAdapters(
        load_language_models(settings, registry),
        load_policy(settings, note_policy),
        load_reader(settings),
        load_reranker(settings),
    )


def build_answering(
    settings: Settings, adapters: AnswerAdapters, library: "Library", embedder: "Embedder"
) -> AnswerDependencies:
    """Return what an answer from a library needs.

    Raises:
        UsageError: a judge is wanted, and no server is configured for it.

    """
    config = AnswerConfig(unsupported=settings.unsupported, rewriting=settings.rewriting)
    chain = adapters.models.chain
    if chain is not None:
        answer_tokens = max(route.spec.answer_tokens for route in chain.routes)
        config = replace(_configured_for(chain, config), answer_tokens=answer_tokens)
    return AnswerDependencies(
        retrieval=build_retrieval(library, embedder, adapters.reranker),
        model=chain,
        verifier=build_verifier(settings, embedder),
        quoter=Quoter(embedder, config.quoting, adapters.reader),
        config=config,
        policy=adapters.policy,
        price=adapters.models.registry.cost,
    )


def answering_for(
    answering: AnswerDependencies, models: LanguageModels, tenant: str
) -> AnswerDependencies:
    """Return what an answer needs, with the models of the tenant's tier."""
    if models.chain is None:
        return answering
    chain = models.chain.for_tier(models.registry.tier(tenant))
    if chain is None:
        return replace(answering, model=None)
    return replace(answering, model=chain, config=_configured_for(chain, answering.config))


def _configured_for(chain: RoutedModel, config: AnswerConfig) -> AnswerConfig:
    """Return the configuration with the chain's bounds and its first model's prompt."""
    return replace(
        config,
        context_tokens=chain.context_tokens,
        deadline_s=chain.deadline_s,
        prompt=chain.routes[0].spec.prompt,
        model_settings=chain.settings,
    )


def load_reader(settings: Settings) -> SpanReader:
    """Load what finds the very words that answer: rules, or a folder's model."""
    if settings.reader is None:
        from generate.quoting.pattern_reader import PatternReader

        return PatternReader()
    folder = Path(settings.reader)
    if (folder / "model.onnx").exists():
        from generate.quoting.onnx_reader import OnnxReader

        return OnnxReader(folder)
    from generate.quoting.span_reader import TransformersReader

    return TransformersReader(settings.reader)


def build_verifier(settings: Settings, embedder: "Embedder") -> Verifier:
    """Return what judges whether a quote supports a sentence.

    Raises:
        UsageError: a judge is wanted, and no server is configured for it.

    """
    if settings.verifier == JUDGE:
        from generate.verification.llm_judge import JudgeVerifier

        url = settings.judge_url or settings.model_url
        if url is None:
            raise UsageError("FOOTNOTE_VERIFIER=judge needs FOOTNOTE_JUDGE_URL.")
        name = settings.judge_name or settings.model_name
        return JudgeVerifier(model_at(settings, url, name))
    if settings.verifier is not None:
        from generate.verification.cross_encoder import CrossEncoderVerifier

        return CrossEncoderVerifier(settings.verifier)
    from generate.verification.verifier import AlignmentVerifier

    return AlignmentVerifier(embedder)
