"""``footnote admin tenant``: the life of tenants, for operators."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_library, open_local_store, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    ServerUrl,
    complain,
    connect,
    make_folder,
    print_json,
    print_line,
)
from api.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.tenants.life_cycle import TenantView
    from index.db.database import Database

PATH = "/v1/admin/tenants"
QUOTAS = ("documents", "bytes", "jobs", "asks", "evaluations")
NO_LIMIT = "none"
PROGRESS_STEP = 100
"""Documents between two reports of a deletion."""

TenantName = Annotated[str, typer.Argument(metavar="TENANT", help="the tenant's id")]
QuotaText = Annotated[
    list[str],
    typer.Option(
        "--quota",
        metavar="NAME=N",
        default_factory=list,
        show_default=False,
        help="documents, bytes, jobs, asks (a day) or evaluations; N, or none; repeatable",
    ),
]

tenant = command_group("Make, list, suspend, limit, export and delete tenants.")


@tenant.command("create")
def create_command(
    tenant: TenantName,
    *,
    name: Annotated[str, typer.Option(metavar="TEXT", show_default=False)] = "",
    quotas: QuotaText,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Make a tenant; then make its first key with `admin key create --tenant`."""
    amounts = _amounts(quotas)
    if remote := connect(server, key):
        body = {"tenant": tenant, "name": name, "quotas": amounts}
        return _print_tenant(remote.call("POST", PATH, json=body), as_json=as_json)
    from api.tenants.life_cycle import create_tenant
    from index.access.tenants import Amounts

    with open_local_store(data) as store:
        view = create_tenant(
            store.database, tenant, name=name, quotas=Amounts(**amounts), author=operator()
        )
    return _print_tenant(asdict(view), as_json=as_json)


@tenant.command("list")
def list_command(
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List the tenants, deleted ones too."""
    if remote := connect(server, key):
        items = remote.call("GET", PATH)["items"]
    else:
        from api.tenants.life_cycle import list_tenants

        with open_local_store(data) as store:
            items = [asdict(line) for line in list_tenants(store.database)]
    if as_json:
        print_json({"tenants": items})
        return 0
    for item in items:
        print_line(f"{item['tenant']:20} {item['state']:10} {item['name']}")
    return 0


@tenant.command("show")
def show_command(
    tenant: TenantName,
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Show a tenant: its state, its quotas and how much of them it uses."""
    if remote := connect(server, key):
        return _print_tenant(remote.call("GET", f"{PATH}/{tenant}"), as_json=as_json)
    from api.tenants.life_cycle import find_tenant

    return _locally(data, tenant, find_tenant, as_json=as_json)


@tenant.command("suspend")
def suspend_command(
    tenant: TenantName,
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Serve a tenant no more until it is resumed; nothing is deleted."""
    if remote := connect(server, key):
        return _print_tenant(remote.call("POST", f"{PATH}/{tenant}/suspend"), as_json=as_json)
    from api.tenants.life_cycle import suspend_tenant

    return _locally(data, tenant, partial(suspend_tenant, author=operator()), as_json=as_json)


@tenant.command("resume")
def resume_command(
    tenant: TenantName,
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """End a suspension."""
    if remote := connect(server, key):
        return _print_tenant(remote.call("POST", f"{PATH}/{tenant}/resume"), as_json=as_json)
    from api.tenants.life_cycle import resume_tenant

    return _locally(data, tenant, partial(resume_tenant, author=operator()), as_json=as_json)


@tenant.command("quota")
def quota_command(
    tenant: TenantName,
    *,
    quotas: QuotaText,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Change some quotas of a tenant; those that are not named stay."""
    amounts = _amounts(quotas)
    if remote := connect(server, key):
        body = {"quotas": amounts}
        return _print_tenant(remote.call("PATCH", f"{PATH}/{tenant}", json=body), as_json=as_json)
    from api.tenants.life_cycle import change_tenant

    with open_local_store(data) as store:
        view = change_tenant(store.database, tenant, quotas=amounts, author=operator())
    return _print_tenant(asdict(view), as_json=as_json)


@tenant.command("export")
def export_command(
    tenant: TenantName,
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="the tar archive to write")],
    *,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Write a tenant's originals, metadata, access lists, groups and conversations to a file."""
    from api.tenants.export import export_tenant

    make_folder(archive.parent)
    with open_local_store(data) as store:
        export = asdict(
            export_tenant(store.database, store.blobs, tenant, archive, author=operator())
        )
    if as_json:
        print_json(export)
    else:
        print_line(f"{archive} has {export['documents']:,} documents of {tenant}.")
        for version in export["damaged"]:
            complain(f"The original of {version} is damaged and not in the archive.")
    return 3 if export["damaged"] else 0


@tenant.command("delete")
def delete_command(
    tenant: TenantName,
    *,
    is_confirmed: Annotated[
        bool, typer.Option("--yes", help="do it: what is deleted cannot be brought back")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Delete a tenant with all that it has; print the receipt. To repeat it goes on, or looks."""
    from api.tenants.deletion import delete_tenant

    if not is_confirmed:
        raise UsageError("This deletes all that the tenant has. Add --yes to do it.")
    with open_local_library(data) as library:
        receipt = delete_tenant(library, tenant, _show_progress, author=operator())
    view = {"is_erased": receipt.is_erased, **asdict(receipt)}
    if as_json:
        print_json(view)
    else:
        state = "No byte of it is left." if receipt.is_erased else "Something is left: repeat it."
        print_line(f"{tenant}, deleted {receipt.deleted_at}: {state}")
        for name in ("documents", "rows", "originals", "searchable", "published", "buried"):
            print_line(f"  {name:10} {view[name]}")
    return 0 if receipt.is_erased else 3


def _locally(
    data: Path | None,
    tenant: str,
    act: "Callable[[Database, str], TenantView]",
    *,
    as_json: bool,
) -> int:
    with open_local_store(data) as store:
        view = act(store.database, tenant)
    return _print_tenant(asdict(view), as_json=as_json)


def _amounts(texts: list[str]) -> dict[str, int | None]:
    """Read ``NAME=N`` of each ``--quota``."""
    amounts: dict[str, int | None] = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in QUOTAS or not (value == NO_LIMIT or (value.isascii() and value.isdigit())):
            raise UsageError(
                f"A quota is NAME=N, such as documents=1000; NAME is one of {', '.join(QUOTAS)}, "
                "and N a number or none."
            )
        amounts[name] = None if value == NO_LIMIT else min(int(value), 2**53)
    return amounts


def _print_tenant(view: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(view)
        return 0
    print_line(f"{view['tenant']} is {view['state']}. {view['name']}".rstrip())
    for name in QUOTAS:
        quota = view["quotas"][name]
        most = "no quota" if quota is None else f"of {quota:,}"
        print_line(f"  {name:12} {view['usage'][name]:>14,} {most}")
    return 0


def _show_progress(left: int) -> None:
    if left % PROGRESS_STEP == 0:
        complain(f"{left:,} documents are left.")
