"""Where a run's figures go: the screen, a folder, a baseline."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import complain, make_folder, print_json, print_line

if TYPE_CHECKING:
    from evaluate.scoring.results import Report

OutFolder = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="write report.html, report.json, report.md"),
]
QuestionSet = Annotated[
    Path, typer.Argument(metavar="DIR", help="a folder with corpus.jsonl and questions.jsonl")
]
Limit = Annotated[int | None, typer.Option(metavar="N", help="measure N samples only")]
Baseline = Annotated[
    str | None, typer.Option(metavar="RUN", help="say in the report what has changed")
]
JUnit = Annotated[Path | None, typer.Option(metavar="FILE", help="write JUnit's XML for CI")]


@dataclass(frozen=True, slots=True)
class RunOutput:
    """Where a run's reports are written, and which run it is compared with."""

    out: Path | None = None
    baseline: str | None = None
    junit: Path | None = None
    as_json: bool = False


def check_output(runs: Path, output: RunOutput) -> None:
    """Find out before anything is measured whether it can be compared and written.

    Raises:
        UnknownRunError: the baseline is no run.
        UsageError: a file or folder cannot be written.

    """
    from evaluate.reports.run_files import LATEST, find_run, load_report

    if output.baseline and output.baseline != LATEST:
        load_report(find_run(output.baseline, runs))
    if output.out:
        make_folder(output.out)
    if output.junit:
        make_folder(output.junit.parent)


def keep_and_print(runs: Path, output: RunOutput, report: "Report") -> int:
    """Keep a run, write its reports where that is wanted, print its figures."""
    from evaluate.reports.junit import render_run
    from evaluate.reports.report import summary_json, write_report
    from evaluate.reports.run_files import run_name

    folder = runs / run_name(report)
    baseline = _baseline(output.baseline, folder)
    write_report(report, folder, baseline)
    files = write_report(report, output.out, baseline) if output.out else []
    if output.junit:
        output.junit.write_text(render_run(report), encoding="utf-8")
        files.append(output.junit)
    if output.as_json:
        print_json({**summary_json(report), "run": folder.name})
        return 0
    for name, measure in report.measures.items():
        value = measure.score.value
        text = f"could not judge: {measure.score.reason}" if value is None else f"{value:.6g}"
        print_line(f"{name:24} {text}")
    for path in files:
        print_line(f"Wrote {path}")
    print_line(f"Kept as {folder.name}")
    return 0


def _baseline(name: str | None, folder: Path) -> "Report | None":
    """Return the run that a run about to be kept is compared with; the first has no ``latest``."""
    from evaluate.reports.run_files import LATEST, find_baseline, load_report
    from index.errors import FootnoteError

    if name is None:
        return None
    try:
        return load_report(find_baseline(name, folder.parent, folder.name))
    except FootnoteError as error:
        if name != LATEST:
            raise
        complain(str(error))
        return None
