"""``footnote evaluate sweep``: try configurations, and say what the best is really worth."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import data_options, json_option, make_folder, parts_of, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from evaluate.runners.sweep import Setting, Sweep


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
    sweep.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="write the best on the test questions as report.html, report.json, report.md",
    )
    sweep.set_defaults(run=run_sweep)


def run_sweep(options: argparse.Namespace) -> int:
    """Try every combination and print what was found."""
    from evaluate.reports.report import write_report
    from evaluate.runners.sweep import sweep, sweep_json

    if not options.source.exists():
        raise UsageError(f"{options.source} does not exist.")
    if options.out:
        make_folder(options.out)
    parts = parts_of(options)
    grid = dict(_values(given) for given in options.grid)
    found = sweep(
        options.source, parts.corpus(), grid, reranker=parts.reranker, limit=options.limit
    )
    written = write_report(found.best, options.out, found.base) if options.out else []
    if options.json:
        print_json(sweep_json(found))
        return 0
    _print_sweep(found)
    for path in written:
        print_line(f"Wrote {path}")
    return 0


def _print_sweep(found: "Sweep") -> None:
    shipped = _figure(found.shipped)
    print_line(f"nDCG@10 on {found.tuning_questions} tuning questions; shipped {shipped}")
    for trial in found.trials:
        told = ", ".join(f"{name}={value}" for name, value in trial.settings.items())
        print_line(f"{_figure(trial.tuning)}  {told}")
    test, span = found.test, found.test.interval
    between = f" [{span.low:+.4f}, {span.high:+.4f}]" if span else ""
    difference = "-" if test.difference is None else f"{test.difference:+.4f}"
    print_line(
        f"The best on {found.test_questions} test questions: {_figure(test.after)}, shipped "
        f"{_figure(test.before)}, difference {difference}{between}"
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _values(given: str) -> "tuple[str, list[Setting]]":
    name, _, values = given.partition("=")
    try:
        return name.strip(), [_number(value) for value in values.split(",")]
    except ValueError:
        raise UsageError(f"{given!r} does not fit: write NAME=1,2,3 with numbers.") from None


def _number(text: str) -> "Setting":
    try:
        return int(text)
    except ValueError:
        return float(text)
