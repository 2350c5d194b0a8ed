"""Join a short chunk's neighbours to it, so that the passage can be understood."""

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

    Stops at ``limit`` runs. No two runs share a chunk: a chunk of a better run is left out, and a
    run ends where another begins.
    """
    used_ordinals, neighbours = _UsedOrdinals(), _Neighbours(reader, reach, span)
    runs: list[ChunkRun] = []
    for chunk in chunks:
        if chunk.ordinal in used_ordinals.of(chunk):
            continue
        run = _widen(chunk, neighbours.of(chunk), used_ordinals.of(chunk), span)
        used_ordinals.of(chunk).update(member.ordinal for member in run)
        runs.append(ChunkRun(chunk, tuple(run)))
        if len(runs) == limit:
            break
    return runs


class _Neighbours:
    """The neighbours of short chunks, read for all chunks that the reader has read by then."""

    def __init__(self, reader: Reader, reach: int, span: int) -> None:
        self._reader = reader
        self._reach = reach
        self._span = span
        self._neighbours: dict[int, list[StoredChunk]] = {}

    def of(self, chunk: StoredChunk) -> Sequence[StoredChunk]:
        """Return the neighbours of a chunk; none where it needs none."""
        if not self._is_short(chunk):
            return ()
        if chunk.key not in self._neighbours:
            chunks = {**self._reader.chunks_read, chunk.key: chunk}
            self._neighbours |= self._reader.surroundings(
                [
                    each
                    for key, each in chunks.items()
                    if key not in self._neighbours and self._is_short(each)
                ],
                self._reach,
            )
        return self._neighbours[chunk.key]

    def _is_short(self, chunk: StoredChunk) -> bool:
        return self._reach > 0 and chunk.end - chunk.start < self._span


@dataclass(slots=True)
class _UsedOrdinals:
    """The ordinals that are in a run already, by document."""

    ordinals: dict[int, set[int]] = field(default_factory=dict)

    def of(self, chunk: StoredChunk) -> set[int]:
        return self.ordinals.setdefault(chunk.document_key, set())


def _widen(
    chunk: StoredChunk, around: Sequence[StoredChunk], used_ordinals: set[int], span: int
) -> list[StoredChunk]:
    free = [member for member in around if member.ordinal not in used_ordinals]
    run = [chunk]
    for neighbour in _nearest_first(free, chunk.ordinal):
        wider_run = sorted([*run, neighbour], key=lambda member: member.ordinal)
        if _is_one_run(wider_run) and wider_run[-1].end - wider_run[0].start <= span:
            run = wider_run
    return run


def _nearest_first(around: Sequence[StoredChunk], ordinal: int) -> Iterator[StoredChunk]:
    """Yield the neighbours, nearest first; the following one before the preceding one."""
    yield from sorted(
        (c for c in around if c.ordinal != ordinal),
        key=lambda c: (abs(c.ordinal - ordinal), c.ordinal < ordinal),
    )


def _is_one_run(members: Sequence[StoredChunk]) -> bool:
    return members[-1].ordinal - members[0].ordinal == len(members) - 1
