"""``footnote train``: models of one's own, from data of one's own."""

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.options import AsJson, print_json, print_line
from api.errors import UsageError
from index.embedding.converted_models import bundled_source

app = command_group()
train = command_group("Train a small model on your own data.")
app.add_typer(train, name="train")


_MANY = 20_000
"""Of so many examples a twenty-fifth is enough for calibration."""


@train.command("reader")
def reader_command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="a folder with corpus.jsonl and questions.jsonl, a file in SQuAD's format, or a "
            "folder of question sets as gzipped JSON lines (evaluate/training/README.md)",
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="where the reader is written")],
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="weights to start from (default: the bundled embedding model)"
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(metavar="N", help="passes over the data")] = 2,
    contrasts: Annotated[
        bool,
        typer.Option(
            "--contrasts", help="learn also from altered questions and texts that look alike"
        ),
    ] = False,
    onnx: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="write the reader for onnxruntime here, too"),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="train on N questions, drawn with a fixed seed"),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Train a model that finds the answer in a passage, and print how well it does.

    It learns from four fifths of the documents and is calibrated on the others.
    """
    if not source.exists():
        raise UsageError(f"{source} does not exist.")
    if epochs < 1:
        raise UsageError("--epochs is at least 1.")
    if find_spec("accelerate") is None:
        raise UsageError("Training needs accelerate. Install it: pip install footnote[train]")
    from evaluate.authoring.reader_examples import load_examples
    from evaluate.runners.common import draw
    from generate.quoting.reader_training import TrainingConfig, train_reader

    start = start or bundled_source()
    examples = draw(load_examples(source), limit)
    if contrasts:
        from evaluate.training.mixture import with_contrasts

        examples = with_contrasts(examples, start)
    config = TrainingConfig(epochs=epochs, held_out=25 if len(examples) > _MANY else 5)
    report = train_reader(examples, start, out, config, _show_progress)
    if onnx:
        from generate.quoting.reader_export import export_reader

        export_reader(out, onnx)
    if as_json:
        print_json({"reader": str(out), "metrics": report})
        return 0
    for name, value in report.items():
        print_line(f"{name:24} {value:.4f}")
    print_line(f"Wrote {out}. Use it with FOOTNOTE_READER={out}.")
    return 0


def _show_progress(step: int, steps: int, loss: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rstep {step} of {steps}, loss {loss:.2f}")
        sys.stderr.write("\n" if step == steps else "")
