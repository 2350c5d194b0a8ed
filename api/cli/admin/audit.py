"""``footnote admin audit``: who did and read what, and whether the log was tampered with."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.option_sets import StoreOptions, TenantOptions, takes_options
from api.cli.options import OnlyTenant, print_line, refuse_tenant
from api.errors import UsageError
from index.types import DEFAULT_TENANT

if TYPE_CHECKING:
    from index.audit.query import AuditFilter

ActorName = Annotated[
    str | None, typer.Option("--actor", metavar="NAME", help="only of this actor, as user:ann")
]
ActName = Annotated[str | None, typer.Option("--act", metavar="ACT", help="only this act")]
Subject = Annotated[
    str | None,
    typer.Option("--object", metavar="ID", help="only about this document, key or group"),
]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="from this day or time on, in UTC")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="before this day or time, in UTC")]

audit = command_group("List, export and verify the audit log.")


@audit.command("list")
@takes_options
def list_command(
    *,
    actor: ActorName = None,
    act: ActName = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    before: Annotated[
        int | None, typer.Option(metavar="N", help="only rows before row N: the next page")
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1000, help="at most N rows")] = 100,
    options: TenantOptions,
) -> int:
    """List who did and read what, newest first."""
    query = _query(actor, act, subject, since, until)
    if remote := options.connect():
        page = {"limit": limit, **({} if before is None else {"before": before})}
        items = remote.call("GET", "/v1/admin/audit", params={**query, **page})["items"]
    else:
        from index.audit.query import list_acts

        with options.open_store() as store:
            views = list_acts(
                store.database, options.tenant, _filter(query), before=before, limit=limit
            )
        items = [asdict(view) for view in views]
    return options.print({"items": items}, *(_describe(item) for item in items))


@audit.command("export")
@takes_options
def export_command(
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write to a file (default: print)")
    ] = None,
    actor: ActorName = None,
    act: ActName = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    options: TenantOptions,
) -> int:
    """Write the rows as JSON lines, oldest first; the last line is the chain's head."""
    query = _query(actor, act, subject, since, until)
    if remote := options.connect():
        _write(remote.lines("/v1/admin/audit/export", query), out)
        return 0
    from index.audit.query import export_lines

    with options.open_store() as store:
        lines = export_lines(store.database, options.tenant, _filter(query))
        _write((line.rstrip("\n") for line in lines), out)
    return 0


@audit.command("verify")
@takes_options
def verify_command(
    *,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="COUNT:DIGEST", help="a head that you kept: the last line of an export"
        ),
    ] = None,
    tenant: OnlyTenant = None,
    options: StoreOptions,
) -> int:
    """Say whether a row was changed, removed or moved; exit 1 where one was.

    A data folder tells of every tenant, a service of the key's tenant; ``--head`` is of one
    tenant, the default one where none is named.
    """
    if remote := options.connect():
        refuse_tenant(tenant)
        query = {} if head is None else {"head": head}
        reports = [remote.call("GET", "/v1/admin/audit/verification", params=query)]
    else:
        reports = _verify_locally(options, tenant, head)
    lines = []
    for report in reports:
        lines.append(f"{report['tenant']}: {report['rows']} rows, head {report['head']}")
        lines += [f"  {problem}" for problem in report["problems"] or ["intact."]]
    options.print({"chains": reports}, *lines)
    return 1 if any(report["problems"] for report in reports) else 0


def _verify_locally(
    options: StoreOptions, tenant: str | None, head: str | None
) -> list[dict[str, Any]]:
    from index.audit.verification import parse_head, tenants_with_audit, verify_chain

    try:
        expected = None if head is None else parse_head(head)
    except ValueError as error:
        raise UsageError("--head is COUNT:DIGEST, as an export ends with.") from error
    if expected is not None and tenant is None:
        tenant = DEFAULT_TENANT
    with options.open_store() as store:
        tenants = tenants_with_audit(store.database) if tenant is None else [tenant]
        reports = [verify_chain(store.database, name, expected=expected) for name in tenants]
    return [asdict(report) for report in reports]


def _describe(item: dict[str, Any]) -> str:
    reason = f"  ({item['reason']})" if item["reason"] else ""
    return (
        f"{item['sequence']:>6}  {item['at']}  {item['actor']} by {item['credential']}  "
        f"{item['act']} {item['object']}{reason}"
    )


def _query(
    actor: str | None, act: str | None, subject: str | None, since: str | None, until: str | None
) -> dict[str, str]:
    """Return the query as the route takes it."""
    for name, value in (("since", since), ("until", until)):
        try:
            datetime.fromisoformat(value or "2026-01-01")
        except ValueError as error:
            raise UsageError(f"--{name} is a day or a time such as 2026-01-31T12:00.") from error
    values = {"actor": actor, "act": act, "object": subject, "since": since, "until": until}
    return {name: value for name, value in values.items() if value is not None}


def _filter(query: dict[str, str]) -> "AuditFilter":
    from index.audit.query import AuditFilter

    times = {
        name: datetime.fromisoformat(query[name]) for name in ("since", "until") & query.keys()
    }
    names = {name: query[name] for name in ("actor", "act", "object") & query.keys()}
    return AuditFilter(**names, **times)  # type: ignore[arg-type]


def _write(lines: Iterator[str], out: Path | None) -> None:
    if out is None:
        for line in lines:
            print_line(line)
        return
    try:
        with out.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}.") from error
