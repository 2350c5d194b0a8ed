"""``footnote policy``: check a file of guardrails before it is used, and show which rules hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, record_first
from api.cli.option_sets import LocalActOptions, takes_options
from api.cli.options import AsJson, DataFolder, print_json, print_line
from api.errors import UsageError

if TYPE_CHECKING:
    from api.settings import Settings
    from generate.guardrails.guard_preset import PresetName
    from generate.guardrails.policy import PolicyRule

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


@policy.command("guard")
@takes_options
def guard_command(
    preset: Annotated[
        Literal["qwen3guard", "llama-guard", "prompt-guard"],
        typer.Argument(metavar="qwen3guard|llama-guard|prompt-guard", help="the guard model"),
    ],
    *,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="the model server (qwen3guard, llama-guard)"),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="MODEL", help="the model's name on the server")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="the model's folder (prompt-guard)")
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="the policy's file (default: FOOTNOTE_POLICY)"),
    ] = None,
    options: LocalActOptions,
) -> int:
    """Add a guard model to the policy: it is asked, then written; running services take it up.

    All other rules stay. A file that does not exist yet begins with the built-in policy.
    """
    from generate.guardrails.guard_preset import PRESETS, guard_rule, with_rule
    from generate.guardrails.policy import DEFAULT_FILE, PolicyRule, read_policy

    settings = local_settings(options.data)
    target = file or settings.policy
    if target is None:
        raise UsageError("Name the policy's file with --file, and set FOOTNOTE_POLICY to it.")
    location = url if PRESETS[preset].is_served else folder
    if location is None:
        missing_option = "--url URL" if PRESETS[preset].is_served else "--folder DIR"
        raise UsageError(f"{preset} needs {missing_option}.")
    rule = guard_rule(preset, location=str(location), model=name)
    _check(settings, preset, PolicyRule.model_validate(rule))
    text = (target if target.exists() else DEFAULT_FILE).read_text(encoding="utf-8")
    _write(target, with_rule(text, rule))
    policy = read_policy(target)
    _record(settings, options, policy.name)
    outcome = {"file": target, "version": policy.name, "rule": rule}
    hint = "" if settings.policy == target else f" Set FOOTNOTE_POLICY={target} for the service."
    return options.print(outcome, f"{target} has the guard {preset}: {policy.name}.{hint}")


def _check(settings: "Settings", preset: "PresetName", rule: "PolicyRule") -> None:
    from api.composition.llm import load_guard
    from generate.guardrails.guard_preset import check_guard

    assert rule.model is not None
    check_guard(load_guard(settings, rule.model), preset)


def _write(target: Path, text: str) -> None:
    """Put a checked file in the place of the policy: a service never reads half of one."""
    from generate.guardrails.policy import read_policy

    partial = target.with_name(f".{target.name}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        read_policy(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _record(settings: "Settings", options: LocalActOptions, version: str) -> None:
    """Record who changed the file, where this data folder has a store."""
    if settings.database_url is None and not (settings.data / "footnote.db").exists():
        return
    with options.open_store() as store:
        record_first(store.database, "policy-guard", options.author, version)


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
