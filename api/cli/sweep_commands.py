"""``footnote evaluate sweep``: try configurations, and say what the best is really worth."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.common import data_options, json_option, parts_of, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from evaluate.sweep import Setting


def add_commands(kinds: Any) -> None:
    """Add the command to the parser."""
    sweep = kinds.add_parser(
        "sweep",
        parents=[data_options(), json_option()],
        help="try configurations on half of a retrieval set's documents, read the best on the rest",
    )
    sweep.add_argument("source", type=Path, metavar="DIR")
    sweep.add_argument(
        "--set",
        dest="grid",
        action="append",
        default=[],
        required=True,
        metavar="NAME=VALUES",
        help="values to try, separated by commas, such as dense_weight=0.4,0.6; repeat to combine",
    )
    sweep.add_argument("--limit", type=int, metavar="N", help="measure N questions only")
    sweep.set_defaults(run=run_sweep)


def run_sweep(options: argparse.Namespace) -> int:
    """Try every combination and print what was found."""
    from evaluate.sweep import sweep, sweep_json

    if not options.source.exists():
        raise UsageError(f"{options.source} does not exist.")
    parts = parts_of(options)
    grid = dict(_values(given) for given in options.grid)
    found = sweep(
        options.source, parts.corpus(), grid, reranker=parts.reranker, limit=options.limit
    )
    if options.json:
        print_json(sweep_json(found))
        return 0
    print_line(f"nDCG@10 on {found.tuning_questions} tuning questions; shipped {found.shipped:.4f}")
    for trial in found.trials:
        told = ", ".join(f"{name}={value}" for name, value in trial.settings.items())
        print_line(f"{trial.tuning:.4f}  {told}")
    test, span = found.test, found.test.interval
    between = f" [{span.low:+.4f}, {span.high:+.4f}]" if span else ""
    print_line(
        f"The best on {found.test_questions} test questions: {test.after:.4f}, shipped "
        f"{test.before:.4f}, difference {test.difference:+.4f}{between}"
    )
    return 0


def _values(given: str) -> "tuple[str, list[Setting]]":
    name, _, values = given.partition("=")
    try:
        return name.strip(), [_number(value) for value in values.split(",")]
    except ValueError:
        raise UsageError(f"{given!r} does not fit: write NAME=1,2,3 with numbers.") from None


def _number(text: str) -> "Setting":
    return float(text) if "." in text else int(text)
