"""``footnote evaluate``: measure, compare with a baseline, and hold against rules."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.evaluate import (
    datasets as dataset_commands,
)
from api.cli.evaluate import (
    ragas as ragas_commands,
)
from api.cli.evaluate import (
    sweep as sweep_commands,
)
from api.cli.evaluate.output import check_places, keep_and_print
from api.cli.options import (
    complain,
    data_options,
    json_option,
    make_folder,
    parts_of,
    print_json,
    print_line,
)
from api.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.composition.container import Parts
    from evaluate.scoring.results import Report

BROKEN = 1
"""Exit code of a gate that a rule did not pass."""


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    evaluate = commands.add_parser("evaluate", help="measure quality on a data set")
    kinds = evaluate.add_subparsers(metavar="KIND", required=True)
    for name, metavar, text, measure in (
        ("retrieval", "DIR", "a BEIR folder: corpus.jsonl, queries.jsonl, qrels/", _retrieval),
        ("answers", "DIR", "a folder with corpus.jsonl and questions.jsonl", _answers),
        ("verifier", "FILE", "JSONL of claim, evidence, label", _verifier),
        ("guard", "FILE", "JSONL of text, label (attack or benign), stage, set", _guard),
        ("outputs", "DIR", "answers of any system, recorded as JSONL, on a question set", _outputs),
    ):
        parser = _measuring(kinds, name, text)
        parser.add_argument("source", type=Path, metavar=metavar)
        if name == "outputs":
            parser.add_argument(
                "--outputs", type=Path, metavar="FILE", required=True, help="one answer a line"
            )
        parser.set_defaults(run=run_evaluate, measure=measure)
    _add_gate(kinds)
    dataset_commands.add_commands(kinds)
    sweep_commands.add_commands(kinds)
    ragas_commands.add_commands(kinds)


def _measuring(kinds: Any, name: str, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = kinds.add_parser(
        name, parents=[data_options(), json_option()], help=text
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write report.html, report.json, report.md"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="measure N samples only")
    parser.add_argument("--baseline", metavar="RUN", help="say in the report what has changed")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit's XML for CI")
    return parser


def _add_gate(kinds: Any) -> None:
    gate = kinds.add_parser(
        "gate",
        parents=[data_options(), json_option()],
        help="hold a run against rules and a baseline; exit 1 if one is broken",
    )
    gate.add_argument("name", nargs="?", default="latest", metavar="RUN", help="default: latest")
    gate.add_argument("--baseline", metavar="RUN", required=True, help="a kept run or report.json")
    gate.add_argument("--rules", type=Path, metavar="FILE", required=True, help="rules in YAML")
    gate.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit's XML for CI")
    gate.add_argument("--markdown", type=Path, metavar="FILE", help="write a pull request's text")
    gate.set_defaults(run=run_gate)


def run_evaluate(options: argparse.Namespace) -> int:
    """Measure, keep the run, write the reports, print the figures."""
    if not options.source.exists():
        raise UsageError(f"{options.source} does not exist.")
    parts = parts_of(options)
    check_places(parts, options)
    measure: Callable[[Parts, argparse.Namespace], Report] = options.measure
    return keep_and_print(parts, options, measure(parts, options))


def run_gate(options: argparse.Namespace) -> int:
    """Say of each rule whether it is kept and why."""
    from evaluate.reports.gates import check_gates, read_rules, render_gates_markdown
    from evaluate.reports.junit import render_gate
    from evaluate.reports.run_files import find_baseline, find_run, load_report

    runs = parts_of(options).runs_folder
    rules = read_rules(options.rules)
    for file in filter(None, (options.junit, options.markdown)):
        make_folder(file.parent)
    held = find_run(options.name, runs)
    against = find_baseline(options.baseline, runs, held.parent.name)
    report, baseline = load_report(held), load_report(against)
    if held.resolve() == against.resolve():
        complain("The run is its own baseline: no rule on a fall can break.")
    outcomes = check_gates(report, baseline, rules)
    if options.junit:
        options.junit.write_text(render_gate(outcomes, report.dataset), encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(render_gates_markdown(outcomes), encoding="utf-8")
    kept = all(outcome.kept for outcome in outcomes)
    if options.json:
        told = [{"metric": o.rule.metric, "kept": o.kept, "reason": o.reason} for o in outcomes]
        print_json({"kept": kept, "rules": told, "metrics": report.metrics})
    else:
        for outcome in outcomes:
            print_line(f"{'kept  ' if outcome.kept else 'BROKEN'} {outcome.reason}")
    return 0 if kept else BROKEN


def _retrieval(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.runners.retrieval import evaluate_retrieval
    from retrieve.config import RetrievalConfig

    return evaluate_retrieval(
        options.source,
        parts.corpus(),
        RetrievalConfig(),
        reranker=parts.reranker,
        limit=options.limit,
        journal=parts.journal(),
    )


def _answers(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.runners.answers import evaluate_answers

    return evaluate_answers(
        options.source,
        parts.corpus(),
        parts.answering_over,
        judge=parts.verifier,
        limit=options.limit,
        journal=parts.journal(),
    )


def _verifier(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.runners.verifier import evaluate_verifier

    return evaluate_verifier(options.source, parts.verifier, limit=options.limit)


def _guard(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.runners.guardrails import evaluate_guard

    return evaluate_guard(options.source, parts.policy.rules, limit=options.limit)


def _outputs(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.runners.answers import evaluate_outputs
    from evaluate.scoring.judging import Judges

    judges = Judges(parts.verifier, parts.embedder)
    prices = {s.name: s.price for s in parts.registry.models if "price" in s.model_fields_set}
    return evaluate_outputs(
        options.source, options.outputs, judges, limit=options.limit, prices=prices
    )
