"""``footnote admin``: keys, groups, external identities, the model and the queue."""

import argparse
from dataclasses import asdict
from typing import Any

from api.cli.admin import (
    embedding_model as model_commands,
)
from api.cli.admin import (
    queue as queue_commands,
)
from api.cli.admin import (
    receipts as receipt_commands,
)
from api.cli.admin import (
    screening as screening_commands,
)
from api.cli.admin import (
    usage as usage_commands,
)
from api.cli.options import (
    data_options,
    json_option,
    parts_of,
    print_json,
    print_line,
    remote_of,
    server_options,
)
from index.types import DEFAULT_TENANT

ROLES = ("reader", "curator", "admin")


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), server_options(), json_option()]
    admin = commands.add_parser("admin", help="keys, groups and identities")
    nouns = admin.add_subparsers(metavar="NOUN", required=True)
    _add_key(nouns, parents)
    _add_group(nouns, parents)
    _add_identity(nouns)
    model_commands.add_commands(nouns)
    queue_commands.add_commands(nouns)
    receipt_commands.add_commands(nouns, parents)
    usage_commands.add_commands(nouns, parents)
    screening_commands.add_quarantine(nouns)
    access = nouns.add_parser(
        "access", parents=parents, help="say why somebody can or cannot read a document"
    )
    access.add_argument("document_id", metavar="DOCUMENT_ID")
    access.add_argument("principal", metavar="PRINCIPAL", help="user:ann or group:hr/all")
    access.set_defaults(run=explain_command)


def _add_key(nouns: Any, parents: list[argparse.ArgumentParser]) -> None:
    key = nouns.add_parser("key", help="API keys").add_subparsers(metavar="VERB", required=True)
    create = key.add_parser("create", parents=parents, help="make a key; it is shown once")
    create.add_argument("--user", required=True, metavar="ID", help="ann, or user:ann")
    create.add_argument(
        "--group", action="append", default=[], metavar="SOURCE/ID", help="hr/all; repeatable"
    )
    create.add_argument("--role", choices=ROLES, default="reader")
    create.set_defaults(run=create_key_command)
    listed = key.add_parser("list", parents=parents, help="list the keys")
    listed.set_defaults(run=list_keys_command)
    revoke = key.add_parser("revoke", parents=parents, help="make a key useless")
    revoke.add_argument("key_id", metavar="KEY_ID")
    revoke.set_defaults(run=revoke_key_command)


def _add_group(nouns: Any, parents: list[argparse.ArgumentParser]) -> None:
    group = nouns.add_parser("group", help="group membership").add_subparsers(
        metavar="VERB", required=True
    )
    for verb, text in (("add", "put a member into a group"), ("remove", "take a member out")):
        parser = group.add_parser(verb, parents=parents, help=text)
        parser.add_argument("group", metavar="GROUP", help="group:hr/all, or hr/all")
        parser.add_argument("member", metavar="MEMBER", help="user:ann or group:hr/managers")
        parser.set_defaults(run=change_group_command, verb=verb)
    listed = group.add_parser("list", parents=parents, help="list memberships")
    listed.set_defaults(run=list_groups_command)


def _add_identity(nouns: Any) -> None:
    identity = nouns.add_parser("identity", help="external identities").add_subparsers(
        metavar="VERB", required=True
    )
    add = identity.add_parser(
        "add", parents=[data_options(), json_option()], help="map an OIDC identity to a user"
    )
    add.add_argument("--issuer", required=True, metavar="URL")
    add.add_argument("--subject", required=True, metavar="SUB")
    add.add_argument("--user", required=True, metavar="ID", help="ann, or user:ann")
    add.set_defaults(run=add_identity_command)


def create_key_command(options: argparse.Namespace) -> int:
    """Make a key and print it, this once."""
    if remote := remote_of(options):
        body = {"user": options.user, "groups": options.group, "role": options.role}
        made = remote.call("POST", "/v1/admin/keys", json=body)
    else:
        from api.auth.api_keys import create_key

        database = parts_of(options).database
        token, view = create_key(
            database, DEFAULT_TENANT, options.user, groups=options.group, role=options.role
        )
        made = {"key": token, "key_id": view.key_id}
    if options.json:
        print_json(made)
    else:
        print_line(made["key"])
    return 0


def list_keys_command(options: argparse.Namespace) -> int:
    """Print the keys without the keys themselves."""
    if remote := remote_of(options):
        items = remote.call("GET", "/v1/admin/keys")["items"]
    else:
        from api.auth.api_keys import list_keys

        items = [asdict(view) for view in list_keys(parts_of(options).database, DEFAULT_TENANT)]
    if options.json:
        print_json({"keys": items})
        return 0
    for item in items:
        state = "revoked" if item["revoked_at"] else "valid"
        held = " ".join([item["user"], *item["groups"]])
        print_line(f"{item['key_id']}  {item['role']:8} {state:8} {held}")
    return 0


def revoke_key_command(options: argparse.Namespace) -> int:
    """Revoke a key; the next request with it is refused."""
    if remote := remote_of(options):
        remote.call("DELETE", f"/v1/admin/keys/{options.key_id}")
    else:
        from api.auth.api_keys import revoke_key

        revoke_key(parts_of(options).database, DEFAULT_TENANT, options.key_id)
    if options.json:
        print_json({"key_id": options.key_id, "revoked": True})
    else:
        print_line(f"{options.key_id} is revoked.")
    return 0


def change_group_command(options: argparse.Namespace) -> int:
    """Put a member into a group, or take it out."""
    body = {"member": options.member, "group": options.group}
    if remote := remote_of(options):
        sent = {"json": body} if options.verb == "add" else {"params": body}
        remote.call("POST" if options.verb == "add" else "DELETE", "/v1/admin/members", **sent)
    else:
        from api.auth.groups import join_group, leave_group

        change = join_group if options.verb == "add" else leave_group
        body = asdict(change(parts_of(options).database, DEFAULT_TENANT, **body))
    if options.json:
        print_json({**body, "in": options.verb == "add"})
    else:
        now = "is in" if options.verb == "add" else "is not in"
        print_line(f"{body['member']} {now} {body['group']}.")
    return 0


def list_groups_command(options: argparse.Namespace) -> int:
    """Print who was registered in which group."""
    if remote := remote_of(options):
        items = remote.call("GET", "/v1/admin/members")["items"]
    else:
        from api.auth.groups import list_members

        items = [asdict(view) for view in list_members(parts_of(options).database, DEFAULT_TENANT)]
    if options.json:
        print_json({"members": items})
    else:
        for item in items:
            print_line(f"{item['group']}  {item['member']}")
    return 0


def add_identity_command(options: argparse.Namespace) -> int:
    """Map an external identity to a user."""
    from api.auth.oidc import map_identity

    database = parts_of(options).database
    user = map_identity(
        database, DEFAULT_TENANT, issuer=options.issuer, subject=options.subject, user=options.user
    )
    if options.json:
        print_json({"issuer": options.issuer, "subject": options.subject, "user": user})
    else:
        print_line(f"{options.subject} of {options.issuer} is {user}.")
    return 0


def explain_command(options: argparse.Namespace) -> int:
    """Print why somebody can or cannot read a document."""
    asked = {"document_id": options.document_id, "principal": options.principal}
    if remote := remote_of(options):
        view = remote.call("GET", "/v1/admin/access", params=asked)
    else:
        from api.auth.access_report import show_access

        view = asdict(show_access(parts_of(options).database, DEFAULT_TENANT, **asked))
    if options.json:
        print_json(view)
        return 0
    print_line(view["explanation"]["reason"])
    for event in view["history"]:
        print_line(f"{event['at']}  {event['action']:7} by {event['actor']}")
    return 0
