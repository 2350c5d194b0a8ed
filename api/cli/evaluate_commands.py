"""``footnote evaluate``: measure, compare with a baseline, and hold against rules."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli import dataset_commands, ragas_commands, sweep_commands
from api.cli.common import (
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

    from api.wiring import Parts
    from evaluate.results import Report

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


def check_places(parts: "Parts", options: argparse.Namespace) -> None:
    """Find out before anything is measured whether it can be compared and written.

    Raises:
        UnknownRunError: the baseline is no run.
        UsageError: a file or folder cannot be written.

    """
    from evaluate.kept import LATEST, find_run, load_report

    if options.baseline and options.baseline != LATEST:
        load_report(find_run(options.baseline, parts.runs_folder))
    if options.out:
        make_folder(options.out)
    if options.junit:
        make_folder(options.junit.parent)


def keep_and_print(parts: "Parts", options: argparse.Namespace, report: "Report") -> int:
    """Keep a run, write its reports where that is wanted, print its figures."""
    from evaluate.junit import render_run
    from evaluate.kept import run_name
    from evaluate.report import summary_json, write_report

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
    from evaluate.kept import LATEST, find_baseline, load_report
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


def run_gate(options: argparse.Namespace) -> int:
    """Say of each rule whether it is kept and why."""
    from evaluate.gates import check_gates, read_rules, render_gates_markdown
    from evaluate.junit import render_gate
    from evaluate.kept import find_baseline, find_run, load_report

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
    from evaluate.retrieval import evaluate_retrieval
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
    from evaluate.answers import evaluate_answers

    return evaluate_answers(
        options.source,
        parts.corpus(),
        parts.answering_over,
        judge=parts.verifier,
        limit=options.limit,
        journal=parts.journal(),
    )


def _verifier(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.verifier import evaluate_verifier

    return evaluate_verifier(options.source, parts.verifier, limit=options.limit)


def _guard(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.guarding import evaluate_guard

    return evaluate_guard(options.source, parts.policy.rules, limit=options.limit)


def _outputs(parts: "Parts", options: argparse.Namespace) -> "Report":
    from evaluate.answers import evaluate_outputs
    from evaluate.judging import Judges

    judges = Judges(parts.verifier, parts.embedder)
    prices = {s.name: s.price for s in parts.registry.models if "price" in s.model_fields_set}
    return evaluate_outputs(
        options.source, options.outputs, judges, limit=options.limit, prices=prices
    )
