"""Stored chunks for tests that need no store."""

from index.types import StoredChunk


def stored_chunk(text: str, *, key: int = 1, ordinal: int = 0, sha256: str = "a", title: str = "t"):
    return StoredChunk(
        key=key, chunk_id=f"chk_{key}", document_id="doc", document_key=1, version=1, title=title,
        filename="f.txt", sha256=sha256, ordinal=ordinal, text=text, start=0, end=len(text),
        page=None, headings=(),
    )  # fmt: skip
