"""``footnote evaluate ragas`` and ``calibrate``: other judges, and people, on a kept run."""

import argparse
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import data_options, json_option, make_folder, parts_of, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from evaluate.scoring.results import Report

VENV = Path(".venv-ragas/bin/python")
"""Where ``make ragas`` puts RAGAS."""


def add_commands(kinds: Any) -> None:
    """Add the commands to the parser."""
    ragas = kinds.add_parser(
        "ragas",
        parents=[data_options(), json_option(), _judged_options()],
        help="RAGAS' metrics over the answers of a kept run",
    )
    ragas.add_argument("--judge", metavar="MODEL", help="model that the judging metrics ask")
    ragas.add_argument(
        "--judge-url", metavar="URL", help="its OpenAI-compatible server, if it is not listed"
    )
    ragas.add_argument(
        "--dataset", type=Path, metavar="DIR", help="the run's question set, for reference contexts"
    )
    ragas.add_argument(
        "--python", type=Path, metavar="FILE", help=f"a Python that has RAGAS (default: {VENV})"
    )
    ragas.add_argument(
        "--metric", action="append", default=[], metavar="NAME", help="one of them; repeat for more"
    )
    ragas.add_argument("--limit", type=int, metavar="N", help="judge N samples only")
    ragas.add_argument("--baseline", metavar="RUN", help="say in the report what has changed")
    ragas.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit's XML for CI")
    ragas.add_argument("--labels", type=Path, metavar="FILE", help="people's labels, as JSONL")
    ragas.set_defaults(run=run_ragas)
    calibrate = kinds.add_parser(
        "calibrate",
        parents=[data_options(), json_option(), _judged_options()],
        help="hold a kept run's scores against people's labels",
    )
    calibrate.add_argument(
        "--labels", type=Path, metavar="FILE", required=True, help="id, metric, label a line"
    )
    calibrate.set_defaults(run=run_calibrate)


def _judged_options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "name", nargs="?", default="latest", metavar="RUN", help="default: the latest that fits"
    )
    parser.add_argument(
        "--threshold", type=float, default=0.5, metavar="X", help="a score from X on is a yes"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write report.html, report.json, report.md"
    )
    return parser


def run_ragas(options: argparse.Namespace) -> int:
    """Judge the run, keep what came of it, and say which metrics ran and which could not."""
    from api.cli.evaluate.output import check_places, keep_and_print
    from evaluate.ragas.run import evaluate_ragas
    from evaluate.ragas.session import RagasProcess
    from evaluate.reports.run_files import find_run, load_report
    from evaluate.scoring.judge_calibration import calibrated, read_labels

    _check_metrics(options.metric)
    parts = parts_of(options)
    check_places(parts, options)
    judged = load_report(find_run(options.name, parts.runs_folder, kind="answers"))
    labels = read_labels(options.labels) if options.labels else []
    judge = parts.ragas_judge(options.judge, options.judge_url) if options.judge else None
    with RagasProcess(options.python or _default_python(), parts.embedder) as ragas:
        report = evaluate_ragas(
            judged,
            ragas,
            judge,
            dataset=options.dataset,
            metrics=options.metric,
            limit=options.limit,
        )
    if labels:
        report = calibrated(report, labels, threshold=options.threshold)
    return keep_and_print(parts, options, report)


def run_calibrate(options: argparse.Namespace) -> int:
    """Print how far a run's scores agree with people's labels."""
    from evaluate.reports.report import summary_json, write_report
    from evaluate.reports.run_files import find_run, load_report
    from evaluate.scoring.judge_calibration import calibrated, read_labels

    report = load_report(find_run(options.name, parts_of(options).runs_folder))
    labels = read_labels(options.labels)
    if options.out:
        make_folder(options.out)
    told = calibrated(report, labels, threshold=options.threshold)
    written = write_report(told, options.out) if options.out else []
    if options.json:
        print_json(summary_json(told))
        return 0
    _print_new(told, report)
    for path in written:
        print_line(f"Wrote {path}")
    return 0


def _print_new(told: "Report", before: "Report") -> None:
    for name, measure in told.measures.items():
        if name not in before.measures:
            value = measure.score.value
            shown = "-" if value is None else f"{value:.4f}"
            print_line(f"{name:34} {shown:8} {measure.score.reason}")


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
