"""Convert a sentence-transformers folder for onnxruntime: a program that runs in its own process.

It needs torch, which the service does not load for a converted model. Weights of matrix products
become integers of 8 bits, of which 7 are used, with a scale for each column: sums then fit 16 bits
also where a processor has no VNNI. The result is compared with torch before it is handed over.

    python -m index.embedding.onnx_export SOURCE TARGET    # TARGET is an empty folder
"""

import json
import logging
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

OPSET = 17
NEAREST = 0.97
"""The least cosine of a converted model's vector and torch's; 8 bits alone give .99."""

WORDS = "The lamp is lit at dusk, and the keeper writes the hour into the log. "
REPEATS = (0, 1, 3, 1000)
"""How often ``WORDS`` stand in the texts that are compared: none, few, and more than is seen."""


class NotConvertibleError(Exception):
    """A model that this conversion would change; the message says why."""


def convert(source: Path, target: Path) -> None:
    """Write ``model.onnx``, ``tokenizer.json`` and ``limits.json`` into a folder.

    The graph takes ``ids``, (1, tokens) int64, and returns ``states``, (1, tokens, dimension), and
    ``vector``, (1, dimension), both float32.

    Raises:
        NotConvertibleError: the model is not a function of its tokens alone, or comes out wrong.

    """
    model = _load(source)
    with tempfile.TemporaryDirectory(prefix="footnote-export-") as folder:
        exact = Path(folder) / "exact.onnx"
        _export(model, exact)
        quantise(exact, target / "model.onnx", ("MatMul", "Gemm"))
    model.tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    limits = {
        "dimension": int(model.get_embedding_dimension() or 0),
        "max_tokens": int(model.max_seq_length or 512),
    }
    (target / "limits.json").write_text(json.dumps(limits))
    _compare(model, target)


def _load(source: Path) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer

    # Attention is written out: traced as one fused operator it becomes a larger, slower graph.
    plain = {"attn_implementation": "eager", "dtype": "float32"}
    model = SentenceTransformer(
        str(source), device="cpu", local_files_only=True, model_kwargs=plain
    ).eval()
    if model.default_prompt_name is not None:
        raise NotConvertibleError("it puts a prompt before each text")
    if not getattr(model.tokenizer, "is_fast", False):
        raise NotConvertibleError("its tokenizer has no tokenizer.json")
    if not model.tokenizer("")["input_ids"]:
        raise NotConvertibleError("it has no tokens for an empty text")
    return model


def _export(model: "SentenceTransformer", target: Path) -> None:
    import torch

    class Graph(torch.nn.Module):
        """The whole model as a function of one text's token ids."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            """Return the states of the tokens and the text's vector."""
            mask = torch.ones_like(ids)
            output = self.model({"input_ids": ids, "attention_mask": mask})
            return output["token_embeddings"], output["sentence_embedding"]

    ids = torch.tensor([model.tokenizer(WORDS)["input_ids"]])
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what tracing cannot follow shows in the comparison
        torch.onnx.export(
            Graph(), (ids,), str(target), dynamo=False, opset_version=OPSET,
            input_names=["ids"], output_names=["states", "vector"],
            dynamic_axes={"ids": {1: "tokens"}, "states": {1: "tokens"}},
        )  # fmt: skip


def quantise(exact: Path, target: Path, operators: Sequence[str]) -> None:
    """Turn the weights of these operators into integers of 8 bits, of which 7 are used."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it recommends an optimisation that changes nothing here
    try:
        quantize_dynamic(
            exact, target, op_types_to_quantize=list(operators), per_channel=True,
            reduce_range=True, weight_type=QuantType.QInt8,
        )  # fmt: skip
    finally:
        logging.disable(before)


def _compare(model: "SentenceTransformer", target: Path) -> None:
    """Compare the converted model with torch on texts of several lengths."""
    from onnxruntime import InferenceSession

    session = InferenceSession(target / "model.onnx", providers=["CPUExecutionProvider"])
    for count in REPEATS:
        text = WORDS * count
        encoding = model.tokenizer(text, truncation=True, max_length=model.max_seq_length or 512)
        (row,) = session.run(
            ["vector"], {"ids": np.array([encoding["input_ids"]], dtype=np.int64)}
        )[0]
        exact: Any = model.encode(text)
        cosine = float(row @ exact / np.linalg.norm(row) / np.linalg.norm(exact))
        if not cosine >= NEAREST:
            raise NotConvertibleError(
                f"converted, its vector of {len(encoding['input_ids'])} tokens is off: cosine "
                f"{cosine:.3f} with torch's, not {NEAREST} or more"
            )


if __name__ == "__main__":
    try:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    except NotConvertibleError as refusal:
        sys.exit(f"This model cannot be converted: {refusal}.")
