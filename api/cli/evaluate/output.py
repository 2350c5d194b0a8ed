"""Where a run's figures go: the screen, a folder, a baseline."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.options import complain, make_folder, print_json, print_line

if TYPE_CHECKING:
    from api.composition.container import Parts
    from evaluate.scoring.results import Report


def check_places(parts: "Parts", options: argparse.Namespace) -> None:
    """Find out before anything is measured whether it can be compared and written.

    Raises:
        UnknownRunError: the baseline is no run.
        UsageError: a file or folder cannot be written.

    """
    from evaluate.reports.run_files import LATEST, find_run, load_report

    if options.baseline and options.baseline != LATEST:
        load_report(find_run(options.baseline, parts.runs_folder))
    if options.out:
        make_folder(options.out)
    if options.junit:
        make_folder(options.junit.parent)


def keep_and_print(parts: "Parts", options: argparse.Namespace, report: "Report") -> int:
    """Keep a run, write its reports where that is wanted, print its figures."""
    from evaluate.reports.junit import render_run
    from evaluate.reports.report import summary_json, write_report
    from evaluate.reports.run_files import run_name

    kept = parts.runs_folder / run_name(report)
    baseline = _baseline(options.baseline, kept)
    write_report(report, kept, baseline)
    written = write_report(report, options.out, baseline) if options.out else []
    if options.junit:
        options.junit.write_text(render_run(report), encoding="utf-8")
        written.append(options.junit)
    if options.json:
        print_json({**summary_json(report), "run": kept.name})
        return 0
    for name, measure in report.measures.items():
        value = measure.score.value
        shown = f"could not judge: {measure.score.reason}" if value is None else f"{value:.6g}"
        print_line(f"{name:24} {shown}")
    for path in written:
        print_line(f"Wrote {path}")
    print_line(f"Kept as {kept.name}")
    return 0


def _baseline(name: str | None, kept: Path) -> "Report | None":
    """Return what a run that is about to be kept is compared with; the first has no ``latest``."""
    from evaluate.reports.run_files import LATEST, find_baseline, load_report
    from index.errors import FootnoteError

    if name is None:
        return None
    try:
        return load_report(find_baseline(name, kept.parent, kept.name))
    except FootnoteError as error:
        if name != LATEST:
            raise
        complain(str(error))
        return None
