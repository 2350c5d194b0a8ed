"""``footnote evaluate gate``: hold a run against rules and a baseline."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.evaluate.output import JUnit
from api.cli.local_store import local_settings
from api.cli.options import (
    AsJson,
    DataFolder,
    complain,
    make_folder,
    print_json,
    print_line,
)

BROKEN = 1
"""Exit code of a gate that a rule did not pass."""

gate = command_group()


@gate.command("gate")
def gate_command(
    name: Annotated[str, typer.Argument(metavar="RUN", help="a kept run")] = "latest",
    *,
    baseline: Annotated[str, typer.Option(metavar="RUN", help="a kept run or report.json")],
    rules: Annotated[Path, typer.Option(metavar="FILE", help="rules in YAML")],
    junit: JUnit = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write a pull request's text")
    ] = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Check a run against rules and a baseline; exit 1 if a rule is broken."""
    from api.composition.evaluation import EvaluationFolders
    from evaluate.reports.gates import check_gates, read_rules, render_gates_markdown
    from evaluate.reports.junit import render_gate
    from evaluate.reports.run_files import find_baseline, find_run, load_report

    runs = EvaluationFolders.of(local_settings(data)).runs
    gate_rules = read_rules(rules)
    for file in filter(None, (junit, markdown)):
        make_folder(file.parent)
    run = find_run(name, runs)
    reference = find_baseline(baseline, runs, run.parent.name)
    report, before = load_report(run), load_report(reference)
    if run.resolve() == reference.resolve():
        complain("The run is its own baseline: no rule on a fall can break.")
    outcomes = check_gates(report, before, gate_rules)
    if junit:
        junit.write_text(render_gate(outcomes, report.dataset), encoding="utf-8")
    if markdown:
        markdown.write_text(render_gates_markdown(outcomes), encoding="utf-8")
    all_kept = all(outcome.is_kept for outcome in outcomes)
    if as_json:
        rows = [{"metric": o.rule.metric, "kept": o.is_kept, "reason": o.reason} for o in outcomes]
        print_json({"kept": all_kept, "rules": rows, "metrics": report.metrics})
    else:
        for outcome in outcomes:
            print_line(f"{'kept  ' if outcome.is_kept else 'BROKEN'} {outcome.reason}")
    return 0 if all_kept else BROKEN
