"""``footnote evaluate ragas`` and ``calibrate``: other judges, and people, on a kept run."""

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.command_group import command_group
from api.cli.evaluate.output import (
    Baseline,
    JUnit,
    OutFolder,
    RunOutput,
    check_output,
    keep_and_print,
)
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
    from evaluate.scoring.results import Report

VENV = Path(".venv-ragas/bin/python")
"""Where ``make ragas`` puts RAGAS."""

RunName = Annotated[
    str,
    typer.Argument(metavar="RUN", help="a kept run; latest is the latest that fits"),
]
Threshold = Annotated[float, typer.Option(metavar="X", help="a score from X on is a yes")]

judges = command_group()


@judges.command("ragas")
def ragas_command(  # noqa: PLR0913 - one for each option
    name: RunName = "latest",
    *,
    judge: Annotated[
        str | None, typer.Option(metavar="MODEL", help="model that the judging metrics ask")
    ] = None,
    judge_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="its OpenAI-compatible server, if it is not listed"),
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="the run's question set, for reference contexts"),
    ] = None,
    python: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"a Python that has RAGAS (default: {VENV})"),
    ] = None,
    metrics: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="only this metric; repeatable"),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help="people's labels, as JSONL")
    ] = None,
    threshold: Threshold = 0.5,
    limit: Annotated[int | None, typer.Option(metavar="N", help="judge N samples only")] = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure RAGAS' metrics over the answers of a kept run, and say which could not run."""
    from api.composition.embedding_model import load_embedder
    from api.composition.evaluation import EvaluationFolders, build_ragas_judge
    from api.composition.llm import load_registry
    from evaluate.ragas.run import evaluate_ragas
    from evaluate.ragas.session import RagasProcess
    from evaluate.reports.run_files import find_run, load_report
    from evaluate.scoring.judge_calibration import calibrate, read_labels

    _check_metrics(metrics or [])
    settings = local_settings(data)
    runs = EvaluationFolders.of(settings).runs
    output = RunOutput(out, baseline, junit, as_json)
    check_output(runs, output)
    judged_run = load_report(find_run(name, runs, kind="answers"))
    human_labels = read_labels(labels) if labels else []
    judge_model = (
        build_ragas_judge(settings, load_registry(settings), judge, judge_url) if judge else None
    )
    with RagasProcess(python or _default_python(), load_embedder(settings)) as process:
        report = evaluate_ragas(
            judged_run,
            process,
            judge_model,
            dataset=dataset,
            metrics=metrics or [],
            limit=limit,
        )
    if human_labels:
        report = calibrate(report, human_labels, threshold=threshold)
    return keep_and_print(runs, output, report)


@judges.command("calibrate")
def calibrate_command(
    name: RunName = "latest",
    *,
    labels: Annotated[Path, typer.Option(metavar="FILE", help="id, metric, label a line")],
    threshold: Threshold = 0.5,
    out: OutFolder = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Hold a kept run's scores against people's labels, and print how far they agree."""
    from api.composition.evaluation import EvaluationFolders
    from evaluate.reports.report import summary_json, write_report
    from evaluate.reports.run_files import find_run, load_report
    from evaluate.scoring.judge_calibration import calibrate, read_labels

    runs = EvaluationFolders.of(local_settings(data)).runs
    report = load_report(find_run(name, runs))
    human_labels = read_labels(labels)
    if out:
        make_folder(out)
    calibrated_report = calibrate(report, human_labels, threshold=threshold)
    files = write_report(calibrated_report, out) if out else []
    if as_json:
        print_json(summary_json(calibrated_report))
        return 0
    _print_added_measures(calibrated_report, report)
    for path in files:
        print_line(f"Wrote {path}")
    return 0


def _print_added_measures(report: "Report", before: "Report") -> None:
    for name, measure in report.measures.items():
        if name not in before.measures:
            value = measure.score.value
            figure = "-" if value is None else f"{value:.4f}"
            print_line(f"{name:34} {figure:8} {measure.score.reason}")


def _check_metrics(names: list[str]) -> None:
    from evaluate.ragas.worker import METRICS

    unknown = [name for name in names if name not in METRICS]
    if unknown:
        raise UsageError(f"There is no metric {unknown[0]!r}. There are: {', '.join(METRICS)}.")


def _default_python() -> Path:
    """Return this Python where it has RAGAS, else the one that ``make ragas`` makes."""
    if importlib.util.find_spec("ragas"):
        return Path(sys.executable)
    return VENV.absolute()
