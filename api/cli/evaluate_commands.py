"""``footnote evaluate``: retrieval, answers and the verifier, measured on a data set."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.common import data_options, json_option, parts_of, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.wiring import Parts
    from evaluate.results import Report


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    evaluate = commands.add_parser("evaluate", help="measure quality on a data set")
    kinds = evaluate.add_subparsers(metavar="KIND", required=True)
    for name, metavar, text, measure in (
        ("retrieval", "DIR", "a BEIR folder: corpus.jsonl, queries.jsonl, qrels/", _retrieval),
        ("answers", "DIR", "a folder with corpus.jsonl and questions.jsonl", _answers),
        ("verifier", "FILE", "JSONL of claim, evidence, label", _verifier),
    ):
        parser = kinds.add_parser(name, parents=[data_options(), json_option()], help=text)
        parser.add_argument("source", type=Path, metavar=metavar)
        parser.add_argument(
            "--out", type=Path, metavar="DIR", help="write report.html, report.json, report.md"
        )
        parser.add_argument("--limit", type=int, metavar="N", help="measure N samples only")
        parser.set_defaults(run=run_evaluate, measure=measure)


def run_evaluate(options: argparse.Namespace) -> int:
    """Measure, write the reports, print the figures."""
    from evaluate.report import summary_json, write_report

    if not options.source.exists():
        raise UsageError(f"{options.source} does not exist.")
    measure: Callable[[Parts, Path, int | None], Report] = options.measure
    report = measure(parts_of(options), options.source, options.limit)
    written = write_report(report, options.out) if options.out else []
    if options.json:
        print_json(summary_json(report))
        return 0
    for name, value in report.metrics.items():
        print_line(f"{name:24} {value if value is None else format(value, '.4f')}")
    for path in written:
        print_line(f"Wrote {path}")
    return 0


def _retrieval(parts: "Parts", folder: Path, limit: int | None) -> "Report":
    from evaluate.retrieval import evaluate_retrieval
    from retrieve.config import RetrievalConfig

    return evaluate_retrieval(
        folder, parts.corpus(), RetrievalConfig(), reranker=parts.reranker, limit=limit
    )


def _answers(parts: "Parts", folder: Path, limit: int | None) -> "Report":
    from evaluate.answers import evaluate_answers

    return evaluate_answers(folder, parts.corpus(), parts.answering_over, limit=limit)


def _verifier(parts: "Parts", file: Path, limit: int | None) -> "Report":
    from evaluate.verifier import evaluate_verifier

    return evaluate_verifier(file, parts.verifier, limit=limit)
