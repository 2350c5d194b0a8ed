"""``footnote evaluate sweep``: try configurations, and say how much the best one gains."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings
from api.cli.options import (
    AsJson,
    DataFolder,
    make_folder,
    print_json,
    print_line,
)
from api.errors import UsageError

if TYPE_CHECKING:
    from evaluate.runners.sweep import Setting, Sweep

sweep_group = command_group()


@sweep_group.command("sweep")
def sweep_command(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="a retrieval set")],
    *,
    grid: Annotated[
        list[str],
        typer.Option(
            "--set",
            metavar="NAME=VALUES",
            help="values to try, separated by commas, such as dense_weight=0.4,0.6; "
            "repeat to combine",
        ),
    ],
    limit: Annotated[int | None, typer.Option(metavar="N", help="measure N questions only")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="write the best on the test questions as report.html, report.json, report.md",
        ),
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Try configurations on half of a set's documents; measure the best one on the other half."""
    from api.composition.embedding_model import load_embedder
    from api.composition.evaluation import EvaluationFolders, build_corpus
    from api.composition.retrieval import load_reranker
    from evaluate.reports.report import write_report
    from evaluate.runners.sweep import sweep, sweep_json

    if not source.exists():
        raise UsageError(f"{source} does not exist.")
    if out:
        make_folder(out)
    values = dict(_parse_values(text) for text in grid)
    settings = local_settings(data)
    corpus = build_corpus(EvaluationFolders.of(settings), load_embedder(settings))
    result = sweep(source, corpus, values, reranker=load_reranker(settings), limit=limit)
    files = write_report(result.best, out, result.base) if out else []
    if as_json:
        print_json(sweep_json(result))
        return 0
    _print_sweep(result)
    for path in files:
        print_line(f"Wrote {path}")
    return 0


def _print_sweep(result: "Sweep") -> None:
    shipped = _figure(result.shipped)
    print_line(f"nDCG@10 on {result.tuning_questions} tuning questions; shipped {shipped}")
    for trial in result.trials:
        settings = ", ".join(f"{name}={value}" for name, value in trial.settings.items())
        print_line(f"{_figure(trial.tuning)}  {settings}")
    test, span = result.test, result.test.interval
    between = f" [{span.low:+.4f}, {span.high:+.4f}]" if span else ""
    difference = "-" if test.difference is None else f"{test.difference:+.4f}"
    print_line(
        f"The best on {result.test_questions} test questions: {_figure(test.after)}, shipped "
        f"{_figure(test.before)}, difference {difference}{between}"
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _parse_values(text: str) -> "tuple[str, list[Setting]]":
    name, _, values = text.partition("=")
    try:
        return name.strip(), [_parse_number(value) for value in values.split(",")]
    except ValueError:
        raise UsageError(f"{text!r} does not fit: write NAME=1,2,3 with numbers.") from None


def _parse_number(text: str) -> "Setting":
    try:
        return int(text)
    except ValueError:
        return float(text)
