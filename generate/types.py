"""The answer and its parts, as they leave the service."""

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["answered", "partial", "no_evidence", "blocked", "failed"]
Verdict = Literal["supported", "partial", "unsupported"]


@dataclass(frozen=True, slots=True)
class PageBox:
    """A box on a page: shares of its width and height in [0, 1], the origin top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place a sentence came from, and whether that place supports it."""

    marker: int
    """The number in the text, from 1."""
    document_id: str
    document_version: int
    chunk_id: str
    title: str
    filename: str
    quote: str
    """Equals the document's text at ``source_start:source_end``."""
    start: int
    end: int
    """Place of the quote in the document's text, in code points."""
    page: int | None
    boxes: tuple[PageBox, ...]
    answer_start: int
    answer_end: int
    """Place of the sentence in the answer's text, in code points."""
    verdict: Verdict
    score: float
    """The verifier's confidence that the quote supports the sentence, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer: ``answer.text[start:end]``."""

    text: str
    start: int
    end: int
    markers: tuple[int, ...]
    """The citations it carries; empty only for our own fixed templates."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an asker gets. Every sentence is cited and judged, or it is not here."""

    status: Status
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    usage: Usage
    snapshot: str
    model: str
    """The model that wrote it; ``quote`` for verbatim sentences."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""
    notice: str | None = None
    """Why the answer is not what was asked for: the model was down, nothing was found."""
    searched: tuple[str, ...] = ()
    """For ``no_evidence``: titles of the nearest passages."""
