"""Chunking strategies of OpenAI's API, as far as our chunks are what they ask for.

A document is cut once, along its structure, and stands in any number of vector stores. So a
strategy is taken where the service's own chunks keep to it, and refused where they would not.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.errors import ParameterError
from api.schemas import Body
from ingest.chunking.chunker import chunk_limit
from ingest.pipeline import IngestDependencies


class AutoStrategy(Body):
    """The service's own chunks."""

    type: Literal["auto"]


class StaticSizes(Body):
    """How large chunks may be, and how much of one stands in the next one too."""

    max_chunk_size_tokens: int = Field(ge=100, le=4096)
    chunk_overlap_tokens: int = Field(ge=0)


class StaticStrategy(Body):
    """Chunks of a largest size."""

    type: Literal["static"]
    static: StaticSizes


SentStrategy = Annotated[AutoStrategy | StaticStrategy, Field(discriminator="type")]


class ChunkSizes(BaseModel):
    """The sizes of a file's chunks."""

    max_chunk_size_tokens: int
    chunk_overlap_tokens: int


class ChunkingView(BaseModel):
    """How a file is cut."""

    type: Literal["static"] = "static"
    static: ChunkSizes


def check_chunking(strategy: AutoStrategy | StaticStrategy | None, most_tokens: int) -> None:
    """Refuse a strategy that the service's own chunks do not keep to.

    ``most_tokens`` is the size of the largest chunk here.

    Raises:
        ParameterError: it asks for smaller chunks, or for chunks that overlap.

    """
    if strategy is None or isinstance(strategy, AutoStrategy):
        return
    sizes, place = strategy.static, ("chunking_strategy", "static")
    if sizes.chunk_overlap_tokens:
        raise ParameterError(
            "chunks do not overlap here, passages get their neighbours at a search; send 0",
            *place,
            "chunk_overlap_tokens",
        )
    if sizes.max_chunk_size_tokens < most_tokens:
        raise ParameterError(
            f"a document is cut once for all vector stores, into chunks of up to {most_tokens} "
            "tokens; send at least as many",
            *place,
            "max_chunk_size_tokens",
        )


def largest_chunk(ingestion: IngestDependencies) -> int:
    """Return the tokens of the largest chunk that the service makes."""
    return chunk_limit(ingestion.embedder, ingestion.chunking)


def chunking_view(most_tokens: int) -> ChunkingView:
    """Return how every file is cut."""
    return ChunkingView(
        static=ChunkSizes(max_chunk_size_tokens=most_tokens, chunk_overlap_tokens=0)
    )
