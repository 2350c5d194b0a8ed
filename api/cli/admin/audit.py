"""``footnote admin audit``: who did and read what, and whether the log was tampered with."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
def list_command(  # noqa: PLR0913 - one for each option
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
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List who did and read what, newest first."""
    query = _query(actor, act, subject, since, until)
    if remote := connect(server, key):
        page = {"limit": limit, **({} if before is None else {"before": before})}
        items = remote.call("GET", "/v1/admin/audit", params={**query, **page})["items"]
    else:
        from index.audit.query import list_acts

        with open_local_store(data) as store:
            views = list_acts(
                store.database, DEFAULT_TENANT, _filter(query), before=before, limit=limit
            )
        items = [asdict(view) for view in views]
    if as_json:
        print_json({"items": items})
        return 0
    for item in items:
        reason = f"  ({item['reason']})" if item["reason"] else ""
        print_line(
            f"{item['sequence']:>6}  {item['at']}  {item['actor']} by {item['credential']}  "
            f"{item['act']} {item['object']}{reason}"
        )
    return 0


@audit.command("export")
def export_command(  # noqa: PLR0913 - one for each option
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="write to a file (default: print)")
    ] = None,
    actor: ActorName = None,
    act: ActName = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
) -> int:
    """Write the rows as JSON lines, oldest first; the last line is the chain's head."""
    query = _query(actor, act, subject, since, until)
    if remote := connect(server, key):
        _write(remote.lines("/v1/admin/audit/export", query), out)
        return 0
    from index.audit.query import export_lines

    with open_local_store(data) as store:
        lines = export_lines(store.database, DEFAULT_TENANT, _filter(query))
        _write((line.rstrip("\n") for line in lines), out)
    return 0


@audit.command("verify")
def verify_command(
    *,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="COUNT:DIGEST", help="a head that you kept: the last line of an export"
        ),
    ] = None,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Say whether a row was changed, removed or moved; exit 1 where one was.

    A data folder tells of every tenant, a service of the key's tenant; ``--head`` is for one.
    """
    if remote := connect(server, key):
        query = {} if head is None else {"head": head}
        reports = [remote.call("GET", "/v1/admin/audit/verification", params=query)]
    else:
        reports = _verify_locally(data, head)
    if as_json:
        print_json({"chains": reports})
    else:
        for report in reports:
            print_line(f"{report['tenant']}: {report['rows']} rows, head {report['head']}")
            for problem in report["problems"] or ["intact."]:
                print_line(f"  {problem}")
    return 1 if any(report["problems"] for report in reports) else 0


def _verify_locally(data: Path | None, head: str | None) -> list[dict[str, Any]]:
    from index.audit.verification import parse_head, tenants_with_audit, verify_chain

    try:
        expected = None if head is None else parse_head(head)
    except ValueError as error:
        raise UsageError("--head is COUNT:DIGEST, as an export ends with.") from error
    with open_local_store(data) as store:
        tenants = tenants_with_audit(store.database) if expected is None else [DEFAULT_TENANT]
        reports = [verify_chain(store.database, name, expected=expected) for name in tenants]
    return [asdict(report) for report in reports]


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
