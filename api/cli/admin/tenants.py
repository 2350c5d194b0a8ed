"""``footnote admin tenant``: the life of tenants, for operators."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_library
from api.cli.option_sets import (
    LocalActOptions,
    StoreActOptions,
    StoreOptions,
    TenantActOptions,
    takes_options,
)
from api.cli.options import complain, make_folder
from api.errors import UsageError

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
@takes_options
def create_command(
    tenant: TenantName,
    *,
    name: Annotated[str, typer.Option(metavar="TEXT", show_default=False)] = "",
    quotas: QuotaText,
    options: StoreActOptions,
) -> int:
    """Make a tenant; then make its first key with `admin key create --tenant`."""
    amounts = _amounts(quotas)
    if remote := options.connect():
        body = {"tenant": tenant, "name": name, "quotas": amounts}
        return _print_tenant(remote.call("POST", PATH, json=body), options)
    from api.tenants.life_cycle import create_tenant
    from index.access.tenants import Amounts

    with options.open_store() as store:
        view = create_tenant(
            store.database, tenant, name=name, quotas=Amounts(**amounts), author=options.author
        )
    return _print_tenant(asdict(view), options)


@tenant.command("list")
@takes_options
def list_command(*, options: StoreOptions) -> int:
    """List the tenants, deleted ones too."""
    if remote := options.connect():
        items = remote.call("GET", PATH)["items"]
    else:
        from api.tenants.life_cycle import list_tenants

        with options.open_store() as store:
            items = [asdict(line) for line in list_tenants(store.database)]
    lines = (f"{item['tenant']:20} {item['state']:10} {item['name']}" for item in items)
    return options.print({"tenants": items}, *lines)


@tenant.command("show")
@takes_options
def show_command(tenant: TenantName, *, options: StoreOptions) -> int:
    """Show a tenant: its state, its quotas and how much of them it uses."""
    if remote := options.connect():
        return _print_tenant(remote.call("GET", f"{PATH}/{tenant}"), options)
    from api.tenants.life_cycle import find_tenant

    with options.open_store() as store:
        view = find_tenant(store.database, tenant)
    return _print_tenant(asdict(view), options)


@tenant.command("suspend")
@takes_options
def suspend_command(tenant: TenantName, *, options: StoreActOptions) -> int:
    """Serve a tenant no more until it is resumed; nothing is deleted."""
    return _set_state("suspend", tenant, options)


@tenant.command("resume")
@takes_options
def resume_command(tenant: TenantName, *, options: StoreActOptions) -> int:
    """End a suspension."""
    return _set_state("resume", tenant, options)


def _set_state(verb: Literal["suspend", "resume"], tenant: str, options: StoreActOptions) -> int:
    if remote := options.connect():
        return _print_tenant(remote.call("POST", f"{PATH}/{tenant}/{verb}"), options)
    from api.tenants.life_cycle import resume_tenant, suspend_tenant

    act = suspend_tenant if verb == "suspend" else resume_tenant
    with options.open_store() as store:
        view = act(store.database, tenant, author=options.author)
    return _print_tenant(asdict(view), options)


@tenant.command("quota")
@takes_options
def quota_command(tenant: TenantName, *, quotas: QuotaText, options: StoreActOptions) -> int:
    """Change some quotas of a tenant; those that are not named stay."""
    amounts = _amounts(quotas)
    if remote := options.connect():
        body = {"quotas": amounts}
        return _print_tenant(remote.call("PATCH", f"{PATH}/{tenant}", json=body), options)
    from api.tenants.life_cycle import change_tenant

    with options.open_store() as store:
        view = change_tenant(store.database, tenant, quotas=amounts, author=options.author)
    return _print_tenant(asdict(view), options)


@tenant.command("publishing")
@takes_options
def publishing_command(
    rule: Annotated[
        Literal["own", "open", "default"],
        typer.Argument(
            metavar="own|open|default",
            help="own: readers publish to themselves and their groups; open: to everybody; "
            "default: as FOOTNOTE_PUBLISHING says",
        ),
    ],
    *,
    options: TenantActOptions,
) -> int:
    """Say to whom a tenant's readers may publish; over --server, those of the key's tenant."""
    own_rule = None if rule == "default" else rule
    if remote := options.connect():
        body = {"publishing": own_rule}
        return _print_tenant(remote.call("PATCH", "/v1/admin/tenant", json=body), options)
    from api.tenants.life_cycle import find_tenant
    from ingest.lifecycle.publishing import set_publishing

    with options.open_store() as store:
        set_publishing(store.database, options.tenant, own_rule, author=options.author)
        view = find_tenant(store.database, options.tenant)
    return _print_tenant(asdict(view), options)


@tenant.command("export")
@takes_options
def export_command(
    tenant: TenantName,
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="the tar archive to write")],
    *,
    options: LocalActOptions,
) -> int:
    """Write a tenant's originals, metadata, access lists, groups and conversations to a file."""
    from api.tenants.export import export_tenant

    make_folder(archive.parent)
    with options.open_store() as store:
        export = asdict(
            export_tenant(store.database, store.blobs, tenant, archive, author=options.author)
        )
    options.print(export, f"{archive} has {export['documents']:,} documents of {tenant}.")
    for version in export["damaged"] if not options.as_json else ():
        complain(f"The original of {version} is damaged and not in the archive.")
    return 3 if export["damaged"] else 0


@tenant.command("delete")
@takes_options
def delete_command(
    tenant: TenantName,
    *,
    is_confirmed: Annotated[
        bool, typer.Option("--yes", help="do it: what is deleted cannot be brought back")
    ] = False,
    options: LocalActOptions,
) -> int:
    """Delete a tenant with all that it has; print the receipt. To repeat it goes on, or looks."""
    from api.tenants.deletion import delete_tenant

    if not is_confirmed:
        raise UsageError("This deletes all that the tenant has. Add --yes to do it.")
    with open_local_library(options.data) as library:
        receipt = delete_tenant(library, tenant, _show_progress, author=options.author)
    view = {"is_erased": receipt.is_erased, **asdict(receipt)}
    state = "No byte of it is left." if receipt.is_erased else "Something is left: repeat it."
    names = ("documents", "rows", "originals", "searchable", "published", "buried", "waiting")
    counts = (f"  {name:10} {view[name]}" for name in names)
    options.print(view, f"{tenant}, deleted {receipt.deleted_at}: {state}", *counts)
    return 0 if receipt.is_erased else 3


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


def _print_tenant(view: dict[str, Any], options: StoreOptions) -> int:
    lines = [f"{view['tenant']} is {view['state']}. {view['name']}".rstrip()]
    for name in QUOTAS:
        quota = view["quotas"][name]
        most = "no quota" if quota is None else f"of {quota:,}"
        lines.append(f"  {name:12} {view['usage'][name]:>14,} {most}")
    lines.append(f"  publishing   {view['publishing'] or 'as the installation says'}")
    return options.print(view, *lines)


def _show_progress(left: int) -> None:
    if left % PROGRESS_STEP == 0:
        complain(f"{left:,} documents are left.")
