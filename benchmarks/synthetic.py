"""Seeded synthetic corpora: the same numbers on every machine that has the same numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.segments.segment import IndexedChunk, tie_of

BLOCK = 50_000
CENTRES = 1000
SPREAD = 0.9
"""Length of the noise around a centre of length 1: neighbours meet at a cosine near 0.55."""

DOCUMENT_ROWS = 10
TIE = tie_of("00" * 32, "synthetic")

Half = NDArray[np.float16]
Single = NDArray[np.float32]
Keys = NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Rows that every contestant gets: the float16 values that we store, nothing finer."""

    vectors: Half
    """(n, d) unit vectors, rounded to float16."""
    classes: Keys
    """(n,) access class of each row; the rows of a document stand together."""
    documents: Keys
    """(n,) document of each row."""


def corpus(rows: int, classes: int, *, dimension: int = 384, seed: int = 1) -> Corpus:
    """Return clustered vectors; classes are dealt to documents at random, apart from clusters."""
    rng = np.random.default_rng(seed)
    centres = _unit(rng.standard_normal((CENTRES, dimension), dtype=np.float32))
    vectors = np.empty((rows, dimension), dtype=np.float16)
    for start in range(0, rows, BLOCK):
        size = min(BLOCK, rows - start)
        near = centres[rng.integers(CENTRES, size=size)]
        vectors[start : start + size] = _around(near, rng)
    per_document = max(1, min(DOCUMENT_ROWS, rows // classes))
    documents = np.arange(rows) // per_document
    held = np.r_[np.arange(classes), rng.integers(classes, size=documents[-1] + 1)]
    return Corpus(vectors, held[: documents[-1] + 1][documents], documents)


def questions(collection: Corpus, count: int, *, seed: int = 2) -> Single:
    """Return unit vectors near random rows, shape (count, d)."""
    rng = np.random.default_rng(seed)
    near = collection.vectors[rng.integers(len(collection.vectors), size=count)].astype(np.float32)
    return _around(near, rng)


def readable_classes(collection: Corpus, share: float, *, seed: int = 3) -> Keys:
    """Return sorted random classes that hold about ``share`` of the rows."""
    sizes = np.bincount(collection.classes)
    if share >= 1:
        return np.arange(len(sizes))
    order = np.random.default_rng(seed).permutation(len(sizes))
    seconds_taken = (
        int(np.searchsorted(np.cumsum(sizes[order]), share * len(collection.classes))) + 1
    )
    return np.sort(order[:seconds_taken])


def texts(rows: int, *, words: int = 100_000, seed: int = 4) -> list[list[str]]:
    """Return terms of each chunk: Zipf's law over ``words`` words, log-normal lengths near 110."""
    rng = np.random.default_rng(seed)
    share = 1 / (np.arange(words) + 2.7)
    lengths = np.clip(rng.lognormal(np.log(110), 0.4, size=rows).astype(np.int64), 8, 400)
    names = np.array([f"w{number}" for number in range(words)], dtype=object)
    draws = names[np.searchsorted(np.cumsum(share / share.sum()), rng.random(lengths.sum()))]
    ends = np.cumsum(lengths)
    return [draws[end - size : end].tolist() for end, size in zip(ends, lengths, strict=True)]


def term_questions(chunks: list[list[str]], count: int, *, seed: int = 5) -> list[list[str]]:
    """Return queries of three to eight words, drawn from random chunks, the commonest left out."""
    rng = np.random.default_rng(seed)
    made = []
    for at in rng.integers(len(chunks), size=count):
        rare = sorted({word for word in chunks[at] if int(word[1:]) >= 50})
        made.append(list(rng.permutation(rare)[: rng.integers(3, 9)]))
    return made


def indexed(
    collection: Corpus,
    rows: tuple[int, int],
    terms: list[list[str]] | None,
    first_key: int = 0,
) -> list[IndexedChunk]:
    """Return rows as our index takes them; ``first_key`` is added to chunk and document keys.

    ``rows`` are the first and the end; ``terms`` are those of these rows.
    """
    start, end = rows
    classes, documents = (
        collection.classes[start:end].tolist(),
        collection.documents[start:end].tolist(),
    )
    return [
        IndexedChunk(
            first_key + start + at, first_key + documents[at], classes[at], TIE, start + at,
            collection.vectors[start + at].tobytes(), terms[at] if terms else (),
        )
        for at in range(end - start)
    ]  # fmt: skip


def _around(near: Single, rng: np.random.Generator) -> Single:
    noise = rng.standard_normal(near.shape, dtype=np.float32)
    return _unit(near + noise * np.float32(SPREAD / np.sqrt(near.shape[1])))


def _unit(rows: Single) -> Single:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
