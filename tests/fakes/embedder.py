"""An embedder that needs no weights: hashed bags of words."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from index.embedding.embedder import Encoded, Matrix

_PIECE = re.compile(r"\w{1,6}|[^\w\s]")
_WORD = re.compile(r"\w+")


class FakeEmbedder:
    """Texts that share words are close; a token is at most six letters or one sign."""

    def __init__(self, *, dimension: int = 64, max_tokens: int = 256) -> None:
        self.name = f"fake-{dimension}"
        self.dimension = dimension
        self.max_tokens = max_tokens

    def embed(self, texts: Sequence[str]) -> Matrix:
        rows = [self._embed_one(text) for text in texts]
        return np.asarray(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        rows = self.embed(texts)
        return [self._encode_one(text, row) for text, row in zip(texts, rows, strict=True)]

    def count_tokens(self, text: str) -> int:
        return len(_PIECE.findall(text))

    def _encode_one(self, text: str, row: Matrix) -> Encoded:
        """Return a text whose tokens' states are the vectors of their letters."""
        pieces = list(_PIECE.finditer(self._seen(text)))
        states = [self._embed_one(piece.group()) for piece in pieces]
        tokens = np.asarray(states, dtype=np.float32).reshape(len(states), self.dimension)
        return Encoded(row, tokens, tuple(piece.span() for piece in pieces))

    def _embed_one(self, text: str) -> Matrix:
        row = np.zeros(self.dimension, dtype=np.float64)
        for word in _WORD.findall(self._seen(text).casefold()):
            digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
            number = int.from_bytes(digest, "big")
            row[number % self.dimension] += 1.0 if number >> 63 else -1.0
        length = float(np.linalg.norm(row))
        if length == 0.0:
            row[0] = length = 1.0
        unit: Matrix = (row / length).astype(np.float32)
        return unit

    def _seen(self, text: str) -> str:
        pieces = list(_PIECE.finditer(text))[: self.max_tokens - 2]
        return text[: pieces[-1].end()] if pieces else ""
