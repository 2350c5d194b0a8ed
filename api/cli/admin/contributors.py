"""``footnote admin contributor``: who may publish to an audience without being in it."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.option_sets import TenantActOptions, TenantOptions, takes_options

PATH = "/v1/admin/contributors"

Audience = Annotated[
    str, typer.Argument(metavar="AUDIENCE", help="group:hr/all, or tenant:all for everybody")
]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="user:ann or group:hr/managers")]

contributor = command_group("Say who may publish to readers beyond their own groups.")


@contributor.command("add")
@takes_options
def add_command(audience: Audience, member: Member, *, options: TenantActOptions) -> int:
    """Let a user or a group publish to an audience."""
    return _change("add", {"member": member, "audience": audience}, options)


@contributor.command("remove")
@takes_options
def remove_command(audience: Audience, member: Member, *, options: TenantActOptions) -> int:
    """Take that right away; what was published stays as it is."""
    return _change("remove", {"member": member, "audience": audience}, options)


@contributor.command("list")
@takes_options
def list_command(*, options: TenantOptions) -> int:
    """List who may publish to which audience."""
    if remote := options.connect():
        items = remote.call("GET", PATH)["items"]
    else:
        from ingest.lifecycle.publishing import list_contributors

        with options.open_store() as store:
            items = [asdict(view) for view in list_contributors(store.database, options.tenant)]
    lines = (f"{item['audience']}  {item['member']}" for item in items)
    return options.print({"contributors": items}, *lines)


def _change(verb: Literal["add", "remove"], body: dict[str, Any], options: TenantActOptions) -> int:
    """Give the right, or take it away."""
    if remote := options.connect():
        body = (
            remote.call("POST", PATH, json=body)
            if verb == "add"
            else remote.call("DELETE", PATH, params=body)
        )
    else:
        from ingest.lifecycle.publishing import add_contributor, remove_contributor

        change = add_contributor if verb == "add" else remove_contributor
        with options.open_store() as store:
            body = asdict(change(store.database, options.tenant, **body, author=options.author))
    state = "may publish to" if verb == "add" else "is no contributor to"
    outcome = {**body, "may_publish": verb == "add"}
    return options.print(outcome, f"{body['member']} {state} {body['audience']}.")
