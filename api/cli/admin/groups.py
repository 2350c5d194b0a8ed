"""``footnote admin group``, ``identity`` and ``access``: who is who, and who may read."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.option_sets import (
    LocalTenantActOptions,
    OfTenantOptions,
    TenantActOptions,
    TenantOptions,
    takes_options,
)
from api.cli.options import DocumentId, UserId

PATH = "/v1/admin/members"

Group = Annotated[str, typer.Argument(metavar="GROUP", help="group:hr/all, or hr/all")]
Member = Annotated[str, typer.Argument(metavar="MEMBER", help="user:ann or group:hr/managers")]

group = command_group("List group memberships and change them.")
identity = command_group("Map external identities to users.")
access = command_group()


@group.command("add")
@takes_options
def add_command(group: Group, member: Member, *, options: TenantActOptions) -> int:
    """Put a member into a group."""
    return _change("add", {"member": member, "group": group}, options)


@group.command("remove")
@takes_options
def remove_command(group: Group, member: Member, *, options: TenantActOptions) -> int:
    """Take a member out of a group."""
    return _change("remove", {"member": member, "group": group}, options)


def _change(verb: Literal["add", "remove"], body: dict[str, Any], options: TenantActOptions) -> int:
    """Put a member into a group, or take it out."""
    if remote := options.connect():
        if verb == "add":
            remote.call("POST", PATH, json=body)
        else:
            remote.call("DELETE", PATH, params=body)
    else:
        from api.auth.groups import join_group, leave_group

        change = join_group if verb == "add" else leave_group
        with options.open_store() as store:
            body = asdict(change(store.database, options.tenant, **body, author=options.author))
    state = "is in" if verb == "add" else "is not in"
    outcome = {**body, "in": verb == "add"}
    return options.print(outcome, f"{body['member']} {state} {body['group']}.")


@group.command("list")
@takes_options
def list_command(*, options: TenantOptions) -> int:
    """List who is in which group."""
    if remote := options.connect():
        items = remote.call("GET", PATH)["items"]
    else:
        from api.auth.groups import list_members

        with options.open_store() as store:
            items = [asdict(view) for view in list_members(store.database, options.tenant)]
    lines = (f"{item['group']}  {item['member']}" for item in items)
    return options.print({"members": items}, *lines)


Issuer = Annotated[str, typer.Option(metavar="URL", help="who vouches for the identity")]
Subject = Annotated[str, typer.Option(metavar="SUB", help="the identity at the issuer")]


@identity.command("add")
@takes_options
def add_identity_command(
    *,
    issuer: Issuer,
    subject: Subject,
    user: UserId,
    options: LocalTenantActOptions,
) -> int:
    """Map an OIDC identity to a user."""
    from api.auth.identities import map_identity

    with options.open_store() as store:
        name = map_identity(
            store.database, options.tenant,
            issuer=issuer, subject=subject, user=user, author=options.author,
        )  # fmt: skip
    outcome = {"issuer": issuer, "subject": subject, "user": name}
    return options.print(outcome, f"{subject} of {issuer} is {name}.")


@identity.command("remove")
@takes_options
def remove_identity_command(
    *, issuer: Issuer, subject: Subject, options: LocalTenantActOptions
) -> int:
    """Let an OIDC identity stand for nobody; its sessions end."""
    from api.auth.identities import unmap_identity

    with options.open_store() as store:
        view = unmap_identity(
            store.database, options.tenant, issuer=issuer, subject=subject, author=options.author
        )
    return options.print(asdict(view), f"{subject} of {issuer} is nobody any more.")


@identity.command("list")
@takes_options
def list_identities_command(*, options: OfTenantOptions) -> int:
    """List the OIDC identities, and which users they are."""
    from api.auth.identities import list_identities

    with options.open_store() as store:
        items = [asdict(view) for view in list_identities(store.database, options.tenant)]
    lines = (f"{item['user']}  {item['subject']} of {item['issuer']}" for item in items)
    return options.print({"identities": items}, *lines)


@access.command("access")
@takes_options
def access_command(
    document_id: DocumentId,
    principal: Annotated[str, typer.Argument(metavar="PRINCIPAL", help="user:ann or group:hr/all")],
    *,
    options: TenantOptions,
) -> int:
    """Say why somebody can or cannot read a document."""
    query = {"document_id": document_id, "principal": principal}
    if remote := options.connect():
        view: dict[str, Any] = remote.call("GET", "/v1/admin/access", params=query)
    else:
        from api.auth.access_report import show_access

        with options.open_store() as store:
            view = asdict(show_access(store.database, options.tenant, **query))
    history = (f"{each['at']}  {each['action']:7} by {each['actor']}" for each in view["history"])
    return options.print(view, view["explanation"]["reason"], *history)
