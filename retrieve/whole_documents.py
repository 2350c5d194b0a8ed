"""A whole document as passages, in the order of its text: what a summary is made from."""

from collections.abc import Sequence
from dataclasses import replace

from index.errors import StaleViewError
from index.library import Library
from index.types import Scope
from retrieve.types import Passage

_CHUNKS = 400
"""So many chunks of a document are read at most, from around the retrieved one."""


def read_documents(
    passages: Sequence[Passage], scope: Scope, library: Library, *, most: int
) -> tuple[Passage, ...]:
    """Return every chunk of the first ``most`` documents among passages, under the asker's rights.

    A document that has left the store meanwhile is left out.
    """
    firsts = {p.chunk.document_key: p for p in reversed(passages)}
    keys = list(dict.fromkeys(p.chunk.document_key for p in passages))[:most]
    chunks: list[Passage] = []
    with library.read(scope) as reader:
        for key in keys:
            first_passage = firsts[key]
            try:
                (chunk,) = reader.chunks([first_passage.chunk.key])
            except StaleViewError:
                continue
            chunks += (
                replace(
                    first_passage, chunk=each, text=each.text, start=each.start, end=each.end,
                    page=each.page,
                )
                for each in reader.neighbours(chunk, _CHUNKS // 2)
            )  # fmt: skip
    return tuple(chunks)
