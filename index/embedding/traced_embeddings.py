"""An embedding model's work as a step of a trace.

Source: https://github.com/open-telemetry/semantic-conventions-genai, embeddings span.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from index.embedding.embedder import Embedder
from index.tracing import Attributes, SpanKind, traced

BEHIND_SERVER = "server:"
"""How the names of models begin that a server runs."""


@contextmanager
def traced_embeddings(embedder: Embedder, texts: int) -> Iterator[None]:
    """Trace the block as the embedding of so many texts."""
    is_remote = embedder.name.startswith(BEHIND_SERVER)
    facts: Attributes = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai" if is_remote else "footnote",
        "gen_ai.request.model": embedder.name,
        "gen_ai.embeddings.dimension.count": embedder.dimension,
        "footnote.texts": texts,
    }
    kind: SpanKind = "client" if is_remote else "internal"
    with traced(f"embeddings {embedder.name}", facts, kind=kind):
        yield
