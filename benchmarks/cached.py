"""Vectors kept between runs, so that a battery is measured and not embedded again.

A text's vector is a function of text and model alone (a test of the embedder holds that), so what
is read back is what would be computed.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.embedding.embedder import Embedder, Encoded, Matrix, TokenEmbedder


class CachedEmbedder:
    """An embedder in front of a SQLite file of vectors."""

    def __init__(self, inner: Embedder, file: Path) -> None:
        self.name = inner.name
        self.dimension = inner.dimension
        self.max_tokens = inner.max_tokens
        self.misses = 0
        self._inner = inner
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(file, check_same_thread=False, timeout=60)
        self._file.execute("pragma journal_mode=wal")
        self._file.execute("pragma synchronous=off")
        self._file.execute("create table if not exists v (k blob primary key, data blob)")

    def embed(self, texts: Sequence[str]) -> Matrix:
        keys = [hashlib.sha256(f"{self.name}\0{text}".encode()).digest() for text in texts]
        with self._lock:
            held = {key: data for key in keys if (data := self._look_up(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in held}
        if missing:
            rows = self._inner.embed(list(missing.values()))
            new = {key: row.tobytes() for key, row in zip(missing, rows, strict=True)}
            with self._lock, self._file:
                self._file.executemany("insert or ignore into v values (?, ?)", new.items())
            self.misses += len(new)
            held |= new
        rows = [np.frombuffer(held[key], np.float32) for key in keys]
        return np.array(rows, np.float32).reshape(len(texts), self.dimension)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Encode anew: states of tokens would fill the disk."""
        assert isinstance(self._inner, TokenEmbedder)
        return self._inner.encode(texts)

    def count_tokens(self, text: str) -> int:
        return self._inner.count_tokens(text)

    def _look_up(self, key: bytes) -> bytes | None:
        row = self._file.execute("select data from v where k = ?", (key,)).fetchone()
        return row[0] if row else None
