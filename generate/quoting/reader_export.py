"""Convert a trained reader for onnxruntime: weights become integers, word vectors included.

    python -m generate.quoting.reader_export SOURCE TARGET    # TARGET is a folder

SOURCE is what ``footnote train reader`` writes. TARGET gets ``model.onnx``, ``tokenizer.json``,
``limits.json`` and ``reader.json``. It needs torch, which the service does not load for a reader
that is converted.
"""

import json
import shutil
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from generate.quoting.onnx_reader import LIMITS
from generate.quoting.span_reader import CALIBRATION
from index.embedding.onnx_export import OPSET, quantise

OPERATORS = ("MatMul", "Gemm", "Gather")
"""Whose weights become integers: products, and the word vectors."""


def export_reader(source: Path, target: Path, operators: Sequence[str] = OPERATORS) -> None:
    """Write the converted reader; the weights of no other operators become integers.

    The graph takes ``ids`` and ``kinds`` (0 for the question, 1 for the text), both (1, tokens)
    int64, and returns ``starts`` and ``ends``, (1, tokens) float32.
    """
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    model = AutoModelForQuestionAnswering.from_pretrained(
        source, local_files_only=True, attn_implementation="eager", dtype="float32"
    ).eval()
    tokenizer = AutoTokenizer.from_pretrained(source, local_files_only=True)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="footnote-export-") as folder:
        exact = Path(folder) / "exact.onnx"
        _export(model, tokenizer, exact)
        if operators:
            quantise(exact, target / "model.onnx", operators)
        else:
            shutil.copyfile(exact, target / "model.onnx")
    tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    limits = {"max_tokens": int(model.config.max_position_embeddings)}
    (target / LIMITS).write_text(json.dumps(limits))
    if (source / CALIBRATION).exists():
        shutil.copyfile(source / CALIBRATION, target / CALIBRATION)


def _export(model: Any, tokenizer: Any, target: Path) -> None:
    import torch

    class ReaderGraph(torch.nn.Module):
        """The model as a function of one pair's tokens."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self, ids: torch.Tensor, kinds: torch.Tensor
        ) -> tuple[torch.Tensor, torch.Tensor]:
            """Return the logits of where the answer starts, and of where it ends."""
            logits = self.model(
                input_ids=ids, token_type_ids=kinds, attention_mask=torch.ones_like(ids)
            )
            return logits.start_logits, logits.end_logits

    coded = tokenizer("When is it lit?", "The lamp is lit at dusk.", return_tensors="pt")
    names = {"ids": {1: "tokens"}, "kinds": {1: "tokens"}}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what tracing cannot follow shows in the figures
        torch.onnx.export(
            ReaderGraph(), (coded["input_ids"], coded["token_type_ids"]), str(target), dynamo=False,
            opset_version=OPSET, input_names=["ids", "kinds"], output_names=["starts", "ends"],
            dynamic_axes={**names, "starts": {1: "tokens"}, "ends": {1: "tokens"}},
        )  # fmt: skip


if __name__ == "__main__":
    export_reader(Path(sys.argv[1]), Path(sys.argv[2]))
