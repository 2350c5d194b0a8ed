"""``footnote admin key``: make, list and revoke API keys."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_store
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    ServerUrl,
    UserId,
    connect,
    print_json,
    print_line,
)
from index.types import DEFAULT_TENANT

api_key = command_group("Make, list and revoke API keys.")


@api_key.command("create")
def create_command(
    *,
    user: UserId,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="SOURCE/ID", help="hr/all; repeatable"),
    ] = None,
    role: Annotated[
        Literal["reader", "curator", "admin"], typer.Option(help="what the key may do")
    ] = "reader",
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Make a key and print it, this once."""
    if remote := connect(server, key):
        body = {"user": user, "groups": groups or [], "role": role}
        created = remote.call("POST", "/v1/admin/keys", json=body)
    else:
        from api.auth.api_keys import create_key

        with open_local_store(data) as store:
            token, view = create_key(
                store.database, DEFAULT_TENANT, user, groups=groups or [], role=role
            )
        created = {"key": token, "key_id": view.key_id}
    if as_json:
        print_json(created)
    else:
        print_line(created["key"])
    return 0


@api_key.command("list")
def list_command(
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List the keys: their ids and users, not the keys themselves."""
    if remote := connect(server, key):
        items = remote.call("GET", "/v1/admin/keys")["items"]
    else:
        from api.auth.api_keys import list_keys

        with open_local_store(data) as store:
            items = [asdict(view) for view in list_keys(store.database, DEFAULT_TENANT)]
    if as_json:
        print_json({"keys": items})
        return 0
    for item in items:
        state = "revoked" if item["revoked_at"] else "valid"
        principals = " ".join([item["user"], *item["groups"]])
        print_line(f"{item['key_id']}  {item['role']:8} {state:8} {principals}")
    return 0


@api_key.command("revoke")
def revoke_command(
    key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="the key's id, not the key")],
    *,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Revoke a key; the next request with it is refused."""
    if remote := connect(server, key):
        remote.call("DELETE", f"/v1/admin/keys/{key_id}")
    else:
        from api.auth.api_keys import revoke_key

        with open_local_store(data) as store:
            revoke_key(store.database, DEFAULT_TENANT, key_id)
    if as_json:
        print_json({"key_id": key_id, "revoked": True})
    else:
        print_line(f"{key_id} is revoked.")
    return 0
