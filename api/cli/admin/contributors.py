"""``footnote admin contributor``: who may publish to an audience without being in it."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_store, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    ServerUrl,
    connect,
    print_json,
    print_line,
)
from index.types import DEFAULT_TENANT

PATH = "/v1/admin/contributors"

Audience = Annotated[
    str, typer.Argument(metavar="AUDIENCE", help="group:hr/all, or tenant:all for everybody")
]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="user:ann or group:hr/managers")]

contributor = command_group("Say who may publish to readers beyond their own groups.")


@contributor.command("add")
def add_command(
    audience: Audience,
    member: Member,
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Let a user or a group publish to an audience."""
    body: dict[str, Any] = {"member": member, "audience": audience}
    if remote := connect(server, key):
        body = remote.call("POST", PATH, json=body)
    else:
        from ingest.lifecycle.publishing import add_contributor

        with open_local_store(data) as store:
            body = asdict(
                add_contributor(store.database, DEFAULT_TENANT, **body, author=operator())
            )
    return _print_contributor(body, may_publish=True, as_json=as_json)


@contributor.command("remove")
def remove_command(
    audience: Audience,
    member: Member,
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Take that right away; what was published stays as it is."""
    body: dict[str, Any] = {"member": member, "audience": audience}
    if remote := connect(server, key):
        body = remote.call("DELETE", PATH, params=body)
    else:
        from ingest.lifecycle.publishing import remove_contributor

        with open_local_store(data) as store:
            body = asdict(
                remove_contributor(store.database, DEFAULT_TENANT, **body, author=operator())
            )
    return _print_contributor(body, may_publish=False, as_json=as_json)


@contributor.command("list")
def list_command(
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List who may publish to which audience."""
    if remote := connect(server, key):
        items = remote.call("GET", PATH)["items"]
    else:
        from ingest.lifecycle.publishing import list_contributors

        with open_local_store(data) as store:
            items = [asdict(view) for view in list_contributors(store.database, DEFAULT_TENANT)]
    if as_json:
        print_json({"contributors": items})
    else:
        for item in items:
            print_line(f"{item['audience']}  {item['member']}")
    return 0


def _print_contributor(body: dict[str, Any], *, may_publish: bool, as_json: bool) -> int:
    if as_json:
        print_json({**body, "may_publish": may_publish})
    else:
        state = "may publish to" if may_publish else "is no contributor to"
        print_line(f"{body['member']} {state} {body['audience']}.")
    return 0
