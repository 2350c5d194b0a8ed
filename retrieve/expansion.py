"""A short chunk to a passage that can be understood: its neighbours join it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from index.reader import Reader
from index.types import StoredChunk


@dataclass(frozen=True, slots=True)
class ChunkRun:
    """A chunk and the neighbours it was widened by: one run of ordinals, in text order."""

    chunk: StoredChunk
    run: tuple[StoredChunk, ...]

    @property
    def start(self) -> int:
        """Offset of the first character in the document."""
        return min(chunk.start for chunk in self.run)

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return max(chunk.end for chunk in self.run)


def expand(
    reader: Reader, chunks: Iterable[StoredChunk], *, limit: int, reach: int, span: int
) -> list[ChunkRun]:
    """Widen chunks (best first) by at most ``reach`` neighbours a side, up to ``span`` characters.

    Stops at ``limit`` spans. No two spans share a chunk: one that stands in a better span already
    is left out, and a span ends where another begins.
    """
    taken = _Taken()
    spans: list[ChunkRun] = []
    for chunk in chunks:
        if chunk.ordinal in taken.of(chunk):
            continue
        run = _widen(reader, chunk, taken.of(chunk), reach, span)
        taken.of(chunk).update(member.ordinal for member in run)
        spans.append(ChunkRun(chunk, tuple(run)))
        if len(spans) == limit:
            break
    return spans


@dataclass(slots=True)
class _Taken:
    """The ordinals that stand in a span, by document."""

    ordinals: dict[int, set[int]] = field(default_factory=dict)

    def of(self, chunk: StoredChunk) -> set[int]:
        return self.ordinals.setdefault(chunk.document_key, set())


def _widen(
    reader: Reader, chunk: StoredChunk, taken: set[int], reach: int, span: int
) -> list[StoredChunk]:
    if reach < 1 or chunk.end - chunk.start >= span:
        return [chunk]
    around = [c for c in reader.neighbours(chunk, reach) if c.ordinal not in taken]
    run = [chunk]
    for neighbour in _nearest_first(around, chunk.ordinal):
        joined = sorted([*run, neighbour], key=lambda member: member.ordinal)
        if _is_one_run(joined) and joined[-1].end - joined[0].start <= span:
            run = joined
    return run


def _nearest_first(around: Sequence[StoredChunk], ordinal: int) -> Iterator[StoredChunk]:
    """Yield the neighbours, what follows before what precedes: the text goes on there."""
    yield from sorted(
        (c for c in around if c.ordinal != ordinal),
        key=lambda c: (abs(c.ordinal - ordinal), c.ordinal < ordinal),
    )


def _is_one_run(members: Sequence[StoredChunk]) -> bool:
    return members[-1].ordinal - members[0].ordinal == len(members) - 1
