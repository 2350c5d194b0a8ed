"""Builds the embedding model: the bundled one, one in a folder, or one behind a server."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import UsageError
from api.settings import BUNDLED, TORCH, Settings
from index.db.database import Database
from index.embedding.active_model import active_model, source_of
from index.embedding.embedder import RUN_BY_TORCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.embedding.embedder import Embedder
    from index.embedding.openai_embedder import EmbeddingEndpoint


def load_embedder(settings: Settings, source: str | None = None) -> "Embedder":
    """Load the embedding model at ``source``; by default the one that is configured.

    Raises:
        UsageError: a server's model has no name or no tokenizer.
        ModelNotConvertedError: onnxruntime cannot run this folder.

    """
    source = source or settings.embedding_model
    if source.startswith(("http://", "https://")):
        from index.egress.operator_client import operator_client
        from index.embedding.openai_embedder import RemoteEmbedder

        endpoint = embedding_endpoint(settings, source)
        return RemoteEmbedder(endpoint, operator_client(max_connections=endpoint.at_once))
    if source.startswith(TORCH):
        from index.embedding.sentence_transformer import SentenceTransformerEmbedder

        return SentenceTransformerEmbedder(source.removeprefix(TORCH))
    from index.embedding.onnx_embedder import OnnxEmbedder

    if source == BUNDLED:
        return OnnxEmbedder.bundled(cache=settings.model_cache)
    return OnnxEmbedder.of_folder(Path(source), cache=settings.model_cache)


def embedder_in_use(
    settings: Settings, database: Database, load: "Callable[[str], Embedder] | None" = None
) -> "Embedder":
    """Load the embedding model that a store uses; before it has one, the one that is configured."""
    load = load or partial(load_embedder, settings)
    return load(source_in_use(settings, database))


def source_in_use(settings: Settings, database: Database) -> str:
    """Return where the store's embedding model is loaded from; before it has one, the setting."""
    with database.read() as session:
        active = active_model(session) or ""
        source = source_of(session, active) or settings.embedding_model
    if active.startswith(RUN_BY_TORCH) and Path(source).is_dir():
        return f"{TORCH}{source}"  # a store from before folders were converted
    return source


def embedding_endpoint(settings: Settings, url: str) -> "EmbeddingEndpoint":
    """Return how an embedding server is asked.

    Raises:
        UsageError: the model's name or tokenizer is missing.

    """
    from index.embedding.openai_embedder import EmbeddingEndpoint

    model, tokenizer, key = (
        settings.embedding_name, settings.embedding_tokenizer, settings.embedding_key,
    )  # fmt: skip
    if model is None or tokenizer is None:
        raise UsageError(
            "An embedding server needs FOOTNOTE_EMBEDDING_NAME and FOOTNOTE_EMBEDDING_TOKENIZER."
        )
    return EmbeddingEndpoint(
        url.rstrip("/").removesuffix("/v1"), model, tokenizer, settings.embedding_tokens,
        settings.embedding_dimension, key.get_secret_value() if key else None,
        settings.embedding_requests,
    )  # fmt: skip
