"""Embedding models in onnxruntime: the bundled MiniLM, or any sentence-transformers folder.

One unpadded text at a time on one thread, so a text's vector is a function of the text and the
model alone: the same bits in any company, order, thread and process of an installation. The runtime
holds no interpreter lock, so several threads embed side by side. See docs/decisions/0020.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Encoding, Tokenizer

from index.embedding.converted_models import ConvertedModel, bundled_model, converted_model
from index.embedding.embedder import Encoded, Matrix

Row = TypeVar("Row")


class OnnxEmbedder:
    """Unit vectors, and unit states of single tokens, from a converted model.

    Source: Reimers and Gurevych, Sentence-BERT (2019); the bundled model is all-MiniLM-L6-v2.
    """

    def __init__(self, model: ConvertedModel, *, threads: int | None = None) -> None:
        self.name = model.name
        self.dimension = model.dimension
        self.max_tokens = model.max_tokens
        self._session = open_session(model.folder / "model.onnx")
        self._whole_tokenizer = _tokenizer(model.folder)
        self._truncating_tokenizer = _tokenizer(model.folder)
        self._truncating_tokenizer.enable_truncation(self.max_tokens)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="embed")

    @classmethod
    def bundled(cls, *, cache: Path | None = None, threads: int | None = None) -> Self:
        """Load all-MiniLM-L6-v2; converted models are kept in ``cache``.

        Raises:
            ModelNotConvertedError: it is not there yet and cannot be made.

        """
        return cls(bundled_model(cache), threads=threads)

    @classmethod
    def of_folder(
        cls, folder: Path, *, cache: Path | None = None, threads: int | None = None
    ) -> Self:
        """Load a sentence-transformers folder; converted models are kept in ``cache``.

        Raises:
            ModelNotConvertedError: it cannot be converted.

        """
        return cls(converted_model(folder, cache), threads=threads)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return shape (len(texts), dimension), float32, each row of length 1."""
        rows = self._side_by_side(self._embed_one, texts)
        return np.asarray(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return each text's vector, the same bits as of ``embed``, and its tokens' states."""
        return self._side_by_side(self._encode_one, texts)

    def count_tokens(self, text: str) -> int:
        """Count the tokens of the whole text, special tokens left out."""
        return len(self._whole_tokenizer.encode(text, add_special_tokens=False).ids)

    def _side_by_side(self, run: Callable[[str], Row], texts: Sequence[str]) -> list[Row]:
        """Run one text after another, or on all threads; in the order of the texts."""
        return list(map(run, texts) if len(texts) == 1 else self._pool.map(run, texts))

    def _embed_one(self, text: str) -> Matrix:
        _, vector = self._run(self._truncating_tokenizer.encode(text))
        return vector

    def _encode_one(self, text: str) -> Encoded:
        encoding = self._truncating_tokenizer.encode(text)
        states, vector = self._run(encoding)
        # A token without letters of its own, such as a word's first mark, stands nowhere.
        own_positions = [
            at
            for at, (start, end) in enumerate(encoding.offsets)
            if not encoding.special_tokens_mask[at] and start < end
        ]
        return Encoded(
            vector,
            _of_length_one(states[own_positions]),
            tuple(encoding.offsets[at] for at in own_positions),
        )

    def _run(self, encoding: Encoding) -> tuple[Matrix, Matrix]:
        """Return the states of all tokens, (tokens, dimension), and the vector, of length 1."""
        ids = np.array([encoding.ids], dtype=np.int64)
        states, vector = self._session.run(["states", "vector"], {"ids": ids})
        return states[0], _of_length_one(vector)[0]


def open_session(path: Path) -> InferenceSession:
    """Open a model that runs on one thread and gives the same bits every time."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 3  # errors
    return InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _of_length_one(rows: Matrix) -> Matrix:
    """Return each row divided by its length, which is added up in float64."""
    wide = rows.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    unit: Matrix = (wide / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
