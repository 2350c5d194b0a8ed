"""Turn scores into a ranking, with ties broken by the documents alone."""

from collections.abc import Iterable, Iterator, Sequence

from index.reader import Reader
from index.types import StoredChunk
from retrieve.fusion import Scores
from retrieve.types import Passage


def best(reader: Reader, scores: Scores, limit: int) -> list[StoredChunk]:
    """Return the ``limit`` chunks with the highest scores, best first.

    Reads only those chunks, and the ones that tie with the last of them.

    Raises:
        StaleViewError: the store does not confirm one of them.

    """
    if limit < 1 or not scores:
        return []
    descending = sorted(scores.values(), reverse=True)
    lowest_score = descending[min(limit, len(descending)) - 1]
    chunks = reader.chunks(sorted(key for key, score in scores.items() if score >= lowest_score))
    return in_order(chunks, scores)[:limit]


def iterate_best(reader: Reader, scores: Scores, first: int) -> Iterator[StoredChunk]:
    """Yield every chunk, best first, read back in blocks: ``first`` of them, then as many again."""
    yielded, limit = 0, first
    while yielded < len(scores):
        chunks = best(reader, scores, limit)
        yield from chunks[yielded:]
        yielded, limit = len(chunks), 2 * limit


def authoritative_first(passages: Sequence[Passage], advantage: float) -> list[Passage]:
    """Put passages of authoritative documents before those that are only a little better.

    ``advantage`` is what a mark is worth in the scores, which stay as they are.
    """

    def rank(passage: Passage) -> float:
        return -(passage.score + advantage * passage.chunk.is_authoritative)

    return sorted(passages, key=rank)


def in_order(chunks: Iterable[StoredChunk], scores: Scores) -> list[StoredChunk]:
    """Sort by score, best first; ties break by document bytes, file name, title and ordinal."""
    return sorted(chunks, key=lambda chunk: (-scores[chunk.key], chunk.tie))
