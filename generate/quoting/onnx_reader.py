"""A trained reader in onnxruntime, as ``footnote train reader --onnx`` writes it.

One pair of question and text at a time, unpadded, on one thread: a reading is a function of the
two and the model alone. torch is not loaded.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from generate.quoting.span_reader import Calibration, Reading, best_reading
from index.embedding.onnx_embedder import open_session

LIMITS = "limits.json"
"""The file beside the weights that says how many tokens the model takes."""
_MOST_TOKENS = 256
_SPECIAL = 3
"""Tokens that stand around question and text."""
_LONGEST_QUESTION = 0.4
"""The share of the tokens that a question may take; what is longer is cut."""


class OnnxReader:
    """An extractive reader: start and end logits over tokens (Devlin et al., BERT, 2019, 4.2)."""

    def __init__(self, folder: Path) -> None:
        self.name = f"reader:{folder.name}"
        self.calibration = Calibration.load(folder)
        self._session = open_session(folder / "model.onnx")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        limits = json.loads((folder / LIMITS).read_text())
        self._tokens = min(_MOST_TOKENS, int(limits["max_tokens"]))

    def read(
        self, question: str, text: str, spans: Sequence[tuple[int, int]]
    ) -> list[Reading | None]:
        """Score every token pair once, then take each span's best against the null answer."""
        begins, ends, offsets = self._logits(question, text)
        if len(offsets) == 1:
            return [None] * len(spans)
        return [best_reading(begins, ends, offsets, span) for span in spans]

    def _logits(
        self, question: str, text: str
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], list[tuple[int, int]]]:
        """Return logits of the null token and of the text's tokens, and those tokens' places."""
        question_tokens, text_tokens = (
            self._tokenizer.encode(part, add_special_tokens=False) for part in (question, text)
        )
        question_tokens.truncate(int(_LONGEST_QUESTION * self._tokens))
        text_tokens.truncate(self._tokens - len(question_tokens.ids) - _SPECIAL)
        pair = self._tokenizer.post_process(question_tokens, text_tokens)
        feeds = {
            "ids": np.array([pair.ids], np.int64),
            "kinds": np.array([pair.type_ids], np.int64),
        }
        starts, ends = self._session.run(["starts", "ends"], feeds)
        places = [0, *(i for i, part in enumerate(pair.sequence_ids) if part == 1)]
        return (
            np.asarray(starts[0], np.float64)[places],
            np.asarray(ends[0], np.float64)[places],
            [pair.offsets[i] for i in places],
        )
