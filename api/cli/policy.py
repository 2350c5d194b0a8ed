"""``footnote policy``: check a file of guardrails before it is used, and show which rules hold."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings
from api.cli.options import AsJson, DataFolder, print_json, print_line

app = command_group()
policy = command_group("Check and show the guardrails' policy.")
app.add_typer(policy, name="policy")


@policy.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the policy's file")],
    *,
    stage: Annotated[
        Literal["before", "evidence", "after"],
        typer.Option(help="the stage that --text is tried at"),
    ] = "before",
    text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="also say what the policy does to this text"),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Check a policy's file; say its version, and what it does to a text."""
    from generate.guardrails.policy import read_policy
    from generate.guardrails.rule_engine import RuleEngine

    rules = read_policy(file)
    report: dict[str, Any] = {"version": rules.name, "rules": len(rules.rules)}
    if text is not None:
        ruling = RuleEngine(rules).rule(stage, text)
        report |= {
            "action": ruling.action,
            "matched": list(dict.fromkeys(match.rule.name for match in ruling.matches)),
            "text": ruling.text,
        }
    if as_json:
        print_json(report)
        return 0
    print_line(f"{file} fits: {rules.name}, {len(rules.rules)} rules")
    if text is not None:
        names = ", ".join(report["matched"]) or "no rule"
        print_line(f"{stage}: {report['action']} ({names}): {report['text']}")
    return 0


@policy.command("show")
def show_command(*, data: DataFolder = None, as_json: AsJson = False) -> int:
    """Show the rules that hold."""
    from api.composition.llm import load_policy

    source = load_policy(local_settings(data))
    rules = source.rules.policy
    if as_json:
        rows = [rule.model_dump(mode="json") for rule in rules.rules]
        print_json({"version": rules.name, "source": source.state.source, "rules": rows})
        return 0
    print_line(f"{rules.name}  {source.state.source}")
    for rule in rules.rules:
        guard = f"guard model {rule.model.name}" if rule.model else None
        condition = rule.detect or rule.pattern or guard or f"{len(rule.words)} words"
        only = f" ({', '.join(rule.only)})" if rule.only else ""
        print_line(f"  {rule.name}: {condition}{only} in {', '.join(rule.stages)}: {rule.action}")
    return 0
