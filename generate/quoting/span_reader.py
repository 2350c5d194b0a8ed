"""Where in a text the answer stands: the port, and any question-answering head of transformers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

CALIBRATION = "reader.json"
"""The file beside a trained reader's weights that says how its scores are to be read."""
_LONGEST_ANSWER = 30
"""Tokens of an answer span at most."""
_LENGTH = 256
"""Tokens of question and text that are read; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The best span of a text: ``text[start:end]``, in code points."""

    start: int
    end: int
    score: float
    """Log odds that the span answers rather than nothing in the text; 0 where unknown."""


class SpanReader(Protocol):
    """Finds the words of a text that answer a question."""

    name: str
    calibration: "Calibration"

    def read(
        self, question: str, text: str, spans: Sequence[tuple[int, int]]
    ) -> list[Reading | None]:
        """Return the best answer inside each span of the text; none where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """How much a reader's log odds count beside the default's; fitted on held-out questions."""

    rank: float = 0.0
    """Weight in the order of the sentences."""
    answerability: float = 0.0
    """Weight in the estimate that the evidence answers."""
    bias: float = 0.0

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a trained reader's calibration; a model from elsewhere gets cautious weights."""
        file = folder / CALIBRATION
        if not file.exists():
            return cls(0.25, 0.25)
        weights = json.loads(file.read_text())
        weights["answerability"] = weights.pop("sure", 0.0)
        return cls(**weights)

    def save(self, folder: Path) -> None:
        """Write it beside the weights."""
        fields = {"rank": self.rank, "sure": self.answerability, "bias": self.bias}
        (folder / CALIBRATION).write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")


class TransformersReader:
    """An extractive reader: start and end logits over tokens (Devlin et al., BERT, 2019, 4.2).

    Local files only. One text at a time, unpadded, on one thread, so that a reading is a function
    of question and text alone.
    """

    def __init__(self, folder: str) -> None:
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        torch.set_num_threads(1)
        self.name = f"reader:{Path(folder).name}"
        self.calibration = Calibration.load(Path(folder))
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model = AutoModelForQuestionAnswering.from_pretrained(folder, local_files_only=True)
        self._model.eval()
        self._length = min(_LENGTH, int(self._model.config.max_position_embeddings))

    def read(
        self, question: str, text: str, spans: Sequence[tuple[int, int]]
    ) -> list[Reading | None]:
        """Score every token pair once, then take each span's best against the null answer."""
        begins, ends, offsets = self._logits(question, text)
        if len(offsets) < 2 or not spans:  # noqa: PLR2004 - the null token and one more
            return [None] * len(spans)
        return [best_reading(begins, ends, offsets, span) for span in spans]

    def _logits(self, question: str, text: str) -> tuple[Any, Any, list[tuple[int, int]]]:
        """Return logits of the null token and of the text's tokens, and those tokens' places."""
        import torch

        coded = self._tokenizer(
            question, text, truncation=True, max_length=self._length,
            return_offsets_mapping=True, return_tensors="pt",
        )  # fmt: skip
        places = coded.pop("offset_mapping")[0].tolist()
        text_tokens = [0, *(i for i, part in enumerate(coded.sequence_ids(0)) if part == 1)]
        with torch.inference_mode():
            logits_of_spans = self._model(**coded)
        begins, ends = (
            np.asarray(logits[0], np.float64)[text_tokens]
            for logits in (logits_of_spans.start_logits, logits_of_spans.end_logits)
        )
        return begins, ends, [tuple(places[i]) for i in text_tokens]


def best_reading(
    begins: NDArray[np.float64],
    ends: NDArray[np.float64],
    offsets: Sequence[tuple[int, int]],
    span: tuple[int, int],
) -> Reading | None:
    """Return the best answer inside a span, or none where no token lies in it.

    The first of ``begins``, ``ends`` and ``offsets`` is the null token's, the others are the
    text's tokens'.
    """
    inside = [i for i, (a, b) in enumerate(offsets) if i and span[0] <= a < b <= span[1]]
    if not inside:
        return None
    first, last = inside[0], inside[-1] + 1
    sums = begins[first:last, None] + ends[None, first:last]
    is_allowed = np.tril(np.triu(np.ones_like(sums)), _LONGEST_ANSWER - 1).astype(bool)
    place = int(np.where(is_allowed, sums, -np.inf).argmax())
    start, end = divmod(place, last - first)
    score = float(sums[start, end] - begins[0] - ends[0])
    return Reading(offsets[first + start][0], offsets[first + end][1], score)
