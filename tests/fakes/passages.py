"""Passages without a store behind them."""

from index.types import StoredChunk
from retrieve.types import Passage


def passage(text: str, *, start: int = 100, name: str = "a") -> Passage:
    chunk = StoredChunk(
        key=1, chunk_id=name, document_id=name, document_key=1, version=1, title=name,
        filename=name, sha256=name, ordinal=0, text=text, start=start, end=start + len(text),
        page=None, headings=(),
    )  # fmt: skip
    return Passage(chunk, text, start, start + len(text), 1.0, 0.5)
