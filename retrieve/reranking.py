"""Score the best candidates again, with question and passage read together."""

import math
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from index.types import StoredChunk
from retrieve.errors import InvalidRerankerError
from retrieve.fusion import Scores


class Reranker(Protocol):
    """Scores passages against a question, each by itself."""

    name: str
    """Model and version, for reports and caches."""

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return one score in [0, 1] for each text, higher is better.

        A text's score does not depend on the other texts.
        """
        ...


class CrossEncoderReranker:
    """Any cross-encoder with one output that sentence-transformers loads without a network."""

    def __init__(self, model: str | Path) -> None:
        """Load from a folder or the local cache.

        Raises:
            InvalidRerankerError: there is no such model here, or it has more than one output.

        """
        from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(str(model), device="cpu", local_files_only=True)
        except (OSError, ValueError) as error:
            raise InvalidRerankerError(
                f"No cross-encoder could be loaded from {str(model)!r}. Give the folder of one."
            ) from error
        if self._model.num_labels != 1:
            raise InvalidRerankerError(f"{str(model)!r} classifies; a reranker has one output.")
        self.name = f"cross-encoder:{Path(model).name}"
        self._lock = threading.Lock()

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Score one text at a time, unpadded, so that the other texts change no bit."""
        with self._lock:
            return [_sigmoid(self._logit(question, text)) for text in texts]

    def _logit(self, question: str, text: str) -> float:
        from torch.nn import Identity

        predicted = self._model.predict(
            [(question, text)], batch_size=1, activation_fn=Identity(), show_progress_bar=False
        )
        return float(predicted[0])


def rerank(question: str, chunks: Iterable[StoredChunk], reranker: Reranker) -> Scores:
    """Return the reranker's score for each chunk; it sees the title and the text.

    Raises:
        InvalidRerankerError: not one finite score in [0, 1] for each text.

    """
    pool = list(chunks)
    scores = reranker.score(question, [readable_text(chunk) for chunk in pool])
    if len(scores) != len(pool) or not all(0.0 <= score <= 1.0 for score in scores):
        raise InvalidRerankerError(f"{reranker.name} did not return one score in [0, 1] per text.")
    return {chunk.key: score for chunk, score in zip(pool, scores, strict=True)}


def readable_text(chunk: StoredChunk) -> str:
    """Return the text under its title, as a person reads it."""
    return f"{chunk.title.strip()}\n{chunk.text}".strip()


def _sigmoid(logit: float) -> float:
    """Squash in float64: float32 would tie everything above 17."""
    if logit < 0:
        return math.exp(logit) / (1 + math.exp(logit))
    return 1 / (1 + math.exp(-logit))
