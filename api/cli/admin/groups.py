"""``footnote admin group``, ``identity`` and ``access``: who is who, and who may read."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_store, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    DocumentId,
    Reason,
    ServerUrl,
    UserId,
    connect,
    print_json,
    print_line,
)
from index.types import DEFAULT_TENANT

Group = Annotated[str, typer.Argument(metavar="GROUP", help="group:hr/all, or hr/all")]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="user:ann or group:hr/managers")]

group = command_group("List group memberships and change them.")
identity = command_group("Map external identities to users.")
access = command_group()


@group.command("add")
def add_command(
    group: Group,
    member: Member,
    *,
    reason: Reason = "",
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Put a member into a group."""
    body: dict[str, Any] = {"member": member, "group": group}
    if remote := connect(server, key, reason=reason):
        remote.call("POST", "/v1/admin/members", json=body)
    else:
        from api.auth.groups import join_group

        with open_local_store(data) as store:
            author = operator(reason)
            body = asdict(join_group(store.database, DEFAULT_TENANT, **body, author=author))
    return _print_membership(body, is_member=True, as_json=as_json)


@group.command("remove")
def remove_command(
    group: Group,
    member: Member,
    *,
    reason: Reason = "",
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Take a member out of a group."""
    body: dict[str, Any] = {"member": member, "group": group}
    if remote := connect(server, key, reason=reason):
        remote.call("DELETE", "/v1/admin/members", params=body)
    else:
        from api.auth.groups import leave_group

        with open_local_store(data) as store:
            author = operator(reason)
            body = asdict(leave_group(store.database, DEFAULT_TENANT, **body, author=author))
    return _print_membership(body, is_member=False, as_json=as_json)


def _print_membership(body: dict[str, Any], *, is_member: bool, as_json: bool) -> int:
    if as_json:
        print_json({**body, "in": is_member})
    else:
        state = "is in" if is_member else "is not in"
        print_line(f"{body['member']} {state} {body['group']}.")
    return 0


@group.command("list")
def list_command(
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List who is in which group."""
    if remote := connect(server, key):
        items = remote.call("GET", "/v1/admin/members")["items"]
    else:
        from api.auth.groups import list_members

        with open_local_store(data) as store:
            items = [asdict(view) for view in list_members(store.database, DEFAULT_TENANT)]
    if as_json:
        print_json({"members": items})
    else:
        for item in items:
            print_line(f"{item['group']}  {item['member']}")
    return 0


@identity.command("add")
def add_identity_command(
    *,
    issuer: Annotated[str, typer.Option(metavar="URL", help="who vouches for the identity")],
    subject: Annotated[str, typer.Option(metavar="SUB", help="the identity at the issuer")],
    user: UserId,
    reason: Reason = "",
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Map an OIDC identity to a user."""
    from api.auth.oidc import map_identity

    with open_local_store(data) as store:
        name = map_identity(
            store.database, DEFAULT_TENANT,
            issuer=issuer, subject=subject, user=user, author=operator(reason),
        )  # fmt: skip
    if as_json:
        print_json({"issuer": issuer, "subject": subject, "user": name})
    else:
        print_line(f"{subject} of {issuer} is {name}.")
    return 0


@access.command("access")
def access_command(
    document_id: DocumentId,
    principal: Annotated[str, typer.Argument(metavar="PRINCIPAL", help="user:ann or group:hr/all")],
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Say why somebody can or cannot read a document."""
    query = {"document_id": document_id, "principal": principal}
    if remote := connect(server, key):
        view = remote.call("GET", "/v1/admin/access", params=query)
    else:
        from api.auth.access_report import show_access

        with open_local_store(data) as store:
            view = asdict(show_access(store.database, DEFAULT_TENANT, **query))
    if as_json:
        print_json(view)
        return 0
    print_line(view["explanation"]["reason"])
    for event in view["history"]:
        print_line(f"{event['at']}  {event['action']:7} by {event['actor']}")
    return 0
