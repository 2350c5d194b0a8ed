"""Builds what a search needs."""

from typing import TYPE_CHECKING

from api.settings import Settings

if TYPE_CHECKING:
    from index.embedding.embedder import Embedder
    from index.library import Library
    from retrieve.reranking import Reranker
    from retrieve.retrieve import RetrievalDependencies


def load_reranker(settings: Settings) -> "Reranker | None":
    """Load the cross-encoder that reranks passages, where one is configured."""
    if settings.reranker is None:
        return None
    from retrieve.reranking import CrossEncoderReranker

    return CrossEncoderReranker(settings.reranker)


def build_retrieval(
    library: "Library", embedder: "Embedder", reranker: "Reranker | None"
) -> "RetrievalDependencies":
    """Return what a search in a library needs."""
    from retrieve.config import RetrievalConfig
    from retrieve.retrieve import RetrievalDependencies

    return RetrievalDependencies(library, embedder, RetrievalConfig(), reranker)
