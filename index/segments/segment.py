"""A segment: some chunks' vectors and postings, laid out by access class, never changed.

Rows of one class stand together (its slab), rows of one document stand together inside it, so
that the readable classes of a scope are a few ranges of rows. Deletions live outside, in the
view's ``alive`` arrays.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.kernels.vector_kernels import Bool, Float16, Float32, Int8, Int32, Int64

UInt64 = NDArray[np.uint64]
UInt8 = NDArray[np.uint8]

TIE_BYTES = 48
"""SHA-256 of the document's bytes, then 16 bytes of a digest of its names and version."""


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """One chunk on its way into a segment."""

    chunk_key: int
    document_key: int
    class_key: int
    tie: bytes
    """``tie_of`` the document."""
    ordinal: int
    vector: bytes
    """float16, little-endian."""
    terms: Sequence[str]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Segment:
    """Arrays side by side; n rows, d dimensions, m documents, c classes, t terms, p postings."""

    chunk_key: Int64
    """(n,) primary keys of the chunks."""
    document: Int32
    """(n,) index into the document arrays."""
    ordinal: Int32
    """(n,) place of the chunk in its document."""
    length: Int32
    """(n,) number of terms."""
    vectors: Float16
    """(n, d) unit vectors as stored."""
    codes: Int8
    """(n, d) ``round(vector / scale)``: a function of the row alone."""
    scale: Float32
    """(n,) largest absolute value of the row, over 127."""
    error: Float32
    """(n,) length of ``vector - code * scale``: how wrong the codes can be."""
    document_key: Int64
    """(m,) primary keys of the documents."""
    document_start: Int64
    """(m + 1,) first row of each document."""
    tie: UInt8
    """(m, 48) what breaks ties, see ``tie_of``."""
    class_key: Int64
    """(c,) sorted keys of the access classes."""
    class_start: Int64
    """(c + 1,) first row of each class."""
    term: UInt64
    """(t,) sorted 64-bit digests of the terms."""
    term_start: Int64
    """(t + 1,) first posting of each term."""
    posting: Int32
    """(p,) rows, sorted inside each term."""
    frequency: Int32
    """(p,) how often the term stands in the row."""

    @property
    def rows(self) -> int:
        """Number of chunks, dead ones included."""
        return len(self.chunk_key)

    @classmethod
    def build(cls, chunks: Sequence[IndexedChunk], dimension: int) -> Self:
        """Lay chunks out by class, document and ordinal."""
        sorted_chunks = sorted(chunks, key=lambda c: (c.class_key, c.document_key, c.ordinal))
        raw = b"".join(chunk.vector for chunk in sorted_chunks)
        vectors = np.frombuffer(raw, dtype="<f2").reshape(len(sorted_chunks), dimension)
        documents, starts = _runs([chunk.document_key for chunk in sorted_chunks])
        classes, class_starts = _runs([chunk.class_key for chunk in sorted_chunks])
        ties = b"".join(sorted_chunks[start].tie for start in starts[:-1])
        return cls(
            chunk_key=np.array([chunk.chunk_key for chunk in sorted_chunks], dtype=np.int64),
            document=np.repeat(np.arange(len(documents), dtype=np.int32), np.diff(starts)),
            ordinal=np.array([chunk.ordinal for chunk in sorted_chunks], dtype=np.int32),
            length=np.array([len(chunk.terms) for chunk in sorted_chunks], dtype=np.int32),
            **_quantise(vectors),
            document_key=documents,
            document_start=starts,
            tie=np.frombuffer(ties, dtype=np.uint8).reshape(-1, TIE_BYTES),
            class_key=classes,
            class_start=class_starts,
            **_invert(*_postings_of(sorted_chunks)),
        )

    @classmethod
    def merge(cls, segments: Sequence[tuple["Segment", Bool]]) -> Self:
        """Join segments, leaving dead rows out, so that each class is contiguous again."""
        classes = np.concatenate([_class_of_rows(segment)[alive] for segment, alive in segments])
        order = np.argsort(classes, kind="stable")
        row_of = np.empty_like(order)
        row_of[order] = np.arange(len(order))

        def gather(pick: Callable[[Segment], NDArray[Any]]) -> NDArray[Any]:
            return np.concatenate([pick(segment)[alive] for segment, alive in segments])[order]

        keys = np.concatenate(
            [segment.document_key[segment.document[alive]] for segment, alive in segments]
        )[order]
        ties = np.concatenate(
            [segment.tie[segment.document[alive]] for segment, alive in segments]
        )[order]
        documents, starts = _runs(keys)
        class_keys, class_starts = _runs(classes[order])
        row_fields = ("chunk_key", "ordinal", "length", "vectors", "codes", "scale", "error")
        return cls(
            **{name: gather(attrgetter(name)) for name in row_fields},
            document=np.repeat(np.arange(len(documents), dtype=np.int32), np.diff(starts)),
            document_key=documents,
            document_start=starts,
            tie=np.ascontiguousarray(ties[starts[:-1]]),
            class_key=class_keys,
            class_start=class_starts,
            **_invert(*_merged_postings(segments, row_of)),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return every array by name, for the snapshot."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def tie_of(
    sha256: str,
    filename: str,
    title: str = "",
    version: int = 0,
    context: str = "",
    *,
    publisher: str = "",
    is_authoritative: bool = False,
) -> bytes:
    """Return what breaks ties between documents: a function of what each one shows alone.

    ``context`` is what its first chunk was embedded with: the title it had then.
    """
    naming_text = f"{filename}\0{title}\0{version}\0{context}\0{publisher}\0{is_authoritative}"
    return bytes.fromhex(sha256) + hashlib.sha256(naming_text.encode()).digest()[:16]


@lru_cache(maxsize=1 << 18)
def term_digest(term: str) -> int:
    """Return the 64-bit key of a term.

    Two terms share a key with probability 2**-64. If they do, they count as one term for
    everybody: the key depends on the term alone, so nothing hidden can show through it.
    """
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=8).digest(), "little")


def _runs(values: Sequence[int] | Int64) -> tuple[Int64, Int64]:
    """Return the value of each run of equal values, and where each run starts, closed by n."""
    array = np.asarray(values, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, array[1:] != array[:-1]]) if len(array) else array
    return array[starts], np.r_[starts, len(array)].astype(np.int64)


def _quantise(vectors: Float16) -> dict[str, Any]:
    wide = vectors.astype(np.float32)
    scale = np.abs(wide).max(axis=1, initial=0.0) / np.float32(127)
    safe = np.where(scale > 0, scale, np.float32(1))
    codes = np.rint(wide / safe[:, None]).astype(np.int8)
    error = np.linalg.norm(
        wide.astype(np.float64) - codes.astype(np.float64) * scale[:, None].astype(np.float64),
        axis=1,
    )
    return {
        "vectors": vectors,
        "codes": codes,
        "scale": scale.astype(np.float32),
        "error": np.nextafter(error.astype(np.float32), np.float32(np.inf)),
    }


def _postings_of(chunks: Sequence[IndexedChunk]) -> tuple[UInt64, Int32, Int32]:
    """Return (term, row, frequency) of every distinct term of every row."""
    terms, rows, counts = [], [], []
    for row, chunk in enumerate(chunks):
        if not chunk.terms:
            continue  # a row without terms has no postings, and np.unique is slow on nothing
        digests = np.array([term_digest(term) for term in chunk.terms], dtype=np.uint64)
        distinct, frequency = np.unique(digests, return_counts=True)
        terms.append(distinct)
        rows.append(np.full(len(distinct), row, dtype=np.int32))
        counts.append(frequency.astype(np.int32))
    return (
        np.concatenate(terms or [np.empty(0, np.uint64)]),
        np.concatenate(rows or [np.empty(0, np.int32)]),
        np.concatenate(counts or [np.empty(0, np.int32)]),
    )


def _merged_postings(
    segments: Sequence[tuple[Segment, Bool]], row_of: Int64
) -> tuple[UInt64, Int32, Int32]:
    terms, rows, counts = [], [], []
    before = 0
    for segment, alive in segments:
        live_rank = np.cumsum(alive) - 1 + before
        is_live = alive[segment.posting]
        terms.append(np.repeat(segment.term, np.diff(segment.term_start))[is_live])
        rows.append(row_of[live_rank[segment.posting[is_live]]].astype(np.int32))
        counts.append(segment.frequency[is_live])
        before += int(alive.sum())
    return np.concatenate(terms), np.concatenate(rows), np.concatenate(counts)


def _invert(terms: UInt64, rows: Int32, counts: Int32) -> dict[str, Any]:
    order = np.lexsort((rows, terms))
    distinct, starts = np.unique(terms[order], return_index=True)
    return {
        "term": distinct,
        "term_start": np.r_[starts, len(terms)].astype(np.int64),
        "posting": rows[order],
        "frequency": counts[order],
    }


def _class_of_rows(segment: Segment) -> Int64:
    return np.repeat(segment.class_key, np.diff(segment.class_start))
