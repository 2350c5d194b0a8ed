"""Text to vectors: the port.

A text's vector is a function of the text and the model alone. Batches break that (the last bits
change with the company a text keeps), so every adapter embeds one text at a time, unpadded, on
one thread; speed comes from several threads side by side.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

RUN_BY_TORCH = "sentence-transformers:"
"""How the names of models begin that torch runs."""


class Embedder(Protocol):
    """Turns texts into unit vectors and counts tokens the way the model does."""

    name: str
    """Model and version; vectors of different names are never compared."""
    dimension: int
    max_tokens: int
    """Tokens the model sees, special tokens included; what is longer is cut silently."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return one normalised float32 row for each text: shape (len(texts), dimension)."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count the text's tokens without the special ones."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as a model sees it: whole, and token by token."""

    vector: Matrix
    """The text's vector, as ``Embedder.embed`` returns it: shape (dimension,)."""
    tokens: Matrix
    """The last states of its tokens without the special ones, each row of length 1."""
    offsets: tuple[tuple[int, int], ...]
    """Where in the text each token stands, in code points."""


@runtime_checkable
class TokenEmbedder(Embedder, Protocol):
    """An embedder that shows the states of single tokens; a text's bits depend on it alone."""

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return each text, encoded; what the model does not see has no tokens."""
        ...
