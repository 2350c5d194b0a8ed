"""``footnote admin usage``: questions, tokens and cost."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_store
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    ServerUrl,
    connect,
    print_json,
    print_line,
)
from api.errors import UsageError

usage = command_group()


@usage.command("usage")
def usage_command(
    *,
    by: Annotated[
        Literal["tenant", "user", "model"], typer.Option(help="what each line adds up")
    ] = "tenant",
    since: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="first day, in UTC (default: the first of this month)"
        ),
    ] = None,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Print the number of questions, their tokens and their cost.

    A data folder tells of every tenant, a service of the key's tenant.
    """
    day = _parse_day(since)
    if remote := connect(server, key):
        query = {"by": by, **({"since": day.isoformat()} if day else {})}
        report = remote.call("GET", "/v1/admin/usage", params=query)
    else:
        from api.questions.usage import usage_report

        with open_local_store(data) as store:
            report = asdict(usage_report(store.database, None, by=by, since=day))
        report["since"] = report["since"].isoformat()
    if as_json:
        print_json(report)
        return 0
    print_line(f"Since {report['since']}, by {report['by']}:")
    for line in report["items"]:
        name = line["name"] if by == "tenant" else f"{line['tenant']}  {line['name']}"
        tokens = f"{line['prompt_tokens']:,} + {line['completion_tokens']:,} tokens"
        print_line(f"  {name}  {line['asks']:,} asks, {tokens}, cost {line['cost']:.4f}")
    if not report["items"]:
        print_line("  nothing was asked.")
    return 0


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError("--since is a day such as 2026-01-31.") from error
