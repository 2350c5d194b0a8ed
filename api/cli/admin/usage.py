"""``footnote admin usage``: what asks cost."""

import argparse
from dataclasses import asdict
from datetime import date
from typing import Any

from api.cli.options import parts_of, print_json, print_line, remote_of
from api.errors import UsageError


def add_commands(nouns: Any, parents: list[argparse.ArgumentParser]) -> None:
    """Add the command to ``footnote admin``."""
    usage = nouns.add_parser("usage", parents=parents, help="asks, tokens and cost")
    usage.add_argument(
        "--by", choices=("tenant", "user", "model"), default="tenant", help="default: tenant"
    )
    usage.add_argument(
        "--since", metavar="YYYY-MM-DD", help="first day, in UTC (default: the first of this month)"
    )
    usage.set_defaults(run=usage_command)


def usage_command(options: argparse.Namespace) -> int:
    """Print what asks cost: of all tenants locally, of the key's tenant with ``--server``."""
    since = _day(options.since)
    if remote := remote_of(options):
        asked = {"by": options.by, **({"since": since.isoformat()} if since else {})}
        report = remote.call("GET", "/v1/admin/usage", params=asked)
    else:
        from api.questions.usage import usage_report

        report = asdict(usage_report(parts_of(options).database, None, by=options.by, since=since))
        report["since"] = report["since"].isoformat()
    if options.json:
        print_json(report)
        return 0
    print_line(f"Since {report['since']}, by {report['by']}:")
    for line in report["items"]:
        name = line["name"] if options.by == "tenant" else f"{line['tenant']}  {line['name']}"
        tokens = f"{line['prompt_tokens']:,} + {line['completion_tokens']:,} tokens"
        print_line(f"  {name}  {line['asks']:,} asks, {tokens}, cost {line['cost']:.4f}")
    if not report["items"]:
        print_line("  nothing was asked.")
    return 0


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError("--since is a day such as 2026-01-31.") from error
