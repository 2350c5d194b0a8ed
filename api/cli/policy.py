"""``footnote policy``: check a file of guardrails before it is used, and show what holds."""

import argparse
from pathlib import Path
from typing import Any

from api.cli.options import data_options, json_option, parts_of, print_json, print_line


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    policy = commands.add_parser("policy", help="check and show the guardrails' policy")
    kinds = policy.add_subparsers(metavar="WHAT", required=True)
    check = kinds.add_parser("check", parents=[json_option()], help="check a policy's file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.add_argument(
        "--stage",
        choices=("before", "evidence", "after"),
        default="before",
        help="the stage that --text is tried at (default: before)",
    )
    check.add_argument("--text", help="also say what the policy does to this text")
    check.set_defaults(run=run_check)
    show = kinds.add_parser(
        "show", parents=[data_options(), json_option()], help="show the policy that is configured"
    )
    show.set_defaults(run=run_show)


def run_check(options: argparse.Namespace) -> int:
    """Read the file; say its version, and what it does to a text."""
    from generate.guardrails.policy import read_policy
    from generate.guardrails.rule_engine import RuleEngine

    policy = read_policy(options.file)
    shown: dict[str, Any] = {"version": policy.name, "rules": len(policy.rules)}
    if options.text is not None:
        ruling = RuleEngine(policy).rule(options.stage, options.text)
        shown |= {
            "action": ruling.action,
            "matched": list(dict.fromkeys(match.rule.name for match in ruling.matches)),
            "text": ruling.text,
        }
    if options.json:
        print_json(shown)
        return 0
    print_line(f"{options.file} fits: {policy.name}, {len(policy.rules)} rules")
    if options.text is not None:
        told = ", ".join(shown["matched"]) or "no rule"
        print_line(f"{options.stage}: {shown['action']} ({told}): {shown['text']}")
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Print the rules that hold."""
    source = parts_of(options).policy
    policy = source.rules.policy
    if options.json:
        rules = [rule.model_dump(mode="json") for rule in policy.rules]
        print_json({"version": policy.name, "source": source.state.source, "rules": rules})
        return 0
    print_line(f"{policy.name}  {source.state.source}")
    for rule in policy.rules:
        guard = f"guard model {rule.model.name}" if rule.model else None
        what = rule.detect or rule.pattern or guard or f"{len(rule.words)} words"
        only = f" ({', '.join(rule.only)})" if rule.only else ""
        print_line(f"  {rule.name}: {what}{only} in {', '.join(rule.stages)}: {rule.action}")
    return 0
