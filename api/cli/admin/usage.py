"""``footnote admin usage``: questions, tokens and cost."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

import typer

from api.cli.command_group import command_group
from api.cli.option_sets import StoreOptions, takes_options
from api.cli.options import OnlyTenant, refuse_tenant
from api.errors import UsageError

usage = command_group()


@usage.command("usage")
@takes_options
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
    tenant: OnlyTenant = None,
    options: StoreOptions,
) -> int:
    """Print the number of questions, their tokens and their cost.

    A data folder tells of every tenant, a service of the key's tenant.
    """
    day = _parse_day(since)
    if remote := options.connect():
        refuse_tenant(tenant)
        query = {"by": by, **({"since": day.isoformat()} if day else {})}
        report = remote.call("GET", "/v1/admin/usage", params=query)
    else:
        from api.questions.usage import usage_report

        with options.open_store() as store:
            report = asdict(usage_report(store.database, tenant, by=by, since=day))
        report["since"] = report["since"].isoformat()
    lines = [f"Since {report['since']}, by {report['by']}:"]
    for line in report["items"]:
        name = line["name"] if by == "tenant" else f"{line['tenant']}  {line['name']}"
        tokens = f"{line['prompt_tokens']:,} + {line['completion_tokens']:,} tokens"
        lines.append(f"  {name}  {line['asks']:,} asks, {tokens}, cost {line['cost']:.4f}")
    if not report["items"]:
        lines.append("  nothing was asked.")
    return options.print(report, *lines)


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError("--since is a day such as 2026-01-31.") from error
