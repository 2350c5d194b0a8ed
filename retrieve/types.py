"""The types that retrieval returns."""

from dataclasses import dataclass, field, replace

from index.types import StoredChunk


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of evidence: a chunk, or a chunk widened by its neighbours.

    ``text == document_text[start:end]``, in Unicode code points.
    """

    chunk: StoredChunk
    text: str
    start: int
    end: int
    score: float
    """The fused score, or the reranker's, in [0, 1]; comparable within one result only."""
    similarity: float
    """Cosine of the question and the chunk, in [-1, 1]; comparable between questions."""
    page: int | None = None
    """1-based page of the first character, for formats that have pages."""

    def between(self, start: int, end: int) -> "Passage":
        """Return the passage cut to ``start:end``, in code points of the document's text."""
        text = self.text[start - self.start : end - self.start]
        return replace(self, text=text, start=start, end=end)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The evidence for one question, best first, and the snapshot it came from."""

    passages: tuple[Passage, ...]
    snapshot: str
    """Opaque name of what the asker's readable classes held at that moment."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage: embed, search, rerank, expand."""
