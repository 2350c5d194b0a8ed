"""How an embedding server is asked, from the settings."""

from api.errors import UsageError
from api.settings import Settings
from index.embedding.openai_embedder import EmbeddingEndpoint


def embedding_endpoint(settings: Settings, url: str) -> EmbeddingEndpoint:
    """Return how an embedding server is asked.

    Raises:
        UsageError: the model's name or tokenizer is missing.

    """
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
