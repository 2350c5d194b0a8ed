"""``footnote admin key``: make, list and revoke API keys."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import open_local_store, operator
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    Reason,
    ServerUrl,
    TenantId,
    UserId,
    connect,
    print_json,
    print_line,
    refuse_tenant,
)
from api.errors import UsageError
from index.types import DEFAULT_TENANT

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="the key's id, not the key")]
ExpiryDays = Annotated[
    float | None,
    typer.Option(metavar="N", help="days for which the key is valid (default: for ever)"),
]

api_key = command_group("Make, list, rotate and revoke API keys.")


@api_key.command("create")
def create_command(  # noqa: PLR0913 - one for each option
    *,
    user: UserId,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="SOURCE/ID", help="hr/all; repeatable"),
    ] = None,
    role: Annotated[
        Literal["reader", "curator", "admin", "operator"],
        typer.Option(help="what the key may do; operator: manage tenants (local data folder only)"),
    ] = "reader",
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="read, write, admin or impersonate; repeatable (default: all that the role has)",
        ),
    ] = None,
    expires_days: ExpiryDays = None,
    reason: Reason = "",
    tenant: TenantId = DEFAULT_TENANT,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Make a key and print it, this once."""
    expires_at = _expiry(expires_days)
    if remote := connect(server, key, reason=reason):
        refuse_tenant(tenant)
        body: dict[str, Any] = {"user": user, "groups": groups or [], "role": role}
        body["scopes"] = scopes or []
        body["expires_at"] = expires_at and expires_at.isoformat()
        created = remote.call("POST", "/v1/admin/keys", json=body)
    else:
        from api.auth.api_keys import KeyTerms, create_key
        from api.auth.key_scopes import ALL
        from api.tenants.life_cycle import require_known

        terms = KeyTerms(frozenset(scopes or ALL), expires_at)
        with open_local_store(data) as store:
            require_known(store.database, tenant)
            token, view = create_key(
                store.database, tenant, user, groups=groups or [], role=role,
                terms=terms, author=operator(reason),
            )  # fmt: skip
        created = {"key": token, "key_id": view.key_id}
    if as_json:
        print_json(created)
    else:
        print_line(created["key"])
    return 0


@api_key.command("list")
def list_command(
    *,
    tenant: TenantId = DEFAULT_TENANT,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List the keys: their ids and users, not the keys themselves."""
    if remote := connect(server, key):
        refuse_tenant(tenant)
        items = remote.call("GET", "/v1/admin/keys")["items"]
    else:
        from api.auth.api_keys import list_keys

        with open_local_store(data) as store:
            items = [asdict(view) for view in list_keys(store.database, tenant)]
    if as_json:
        print_json({"keys": items})
        return 0
    for item in items:
        principals = " ".join([item["user"], *item["groups"]])
        print_line(f"{item['key_id']}  {item['role']:8} {_state(item):8} {principals}")
        print_line(f"    {_describe(item)}")
    return 0


def _state(item: dict[str, Any]) -> str:
    """Return whether a key opens anything now."""
    expiry = _moment(item["expires_at"])
    if item["revoked_at"]:
        return "revoked"
    return "expired" if expiry is not None and expiry <= datetime.now(UTC) else "valid"


def _describe(item: dict[str, Any]) -> str:
    """Return a key's scopes, times and maker in one line."""
    expiry, last_use = _moment(item["expires_at"]), _moment(item["last_used_at"])
    facts = [
        f"scopes {' '.join(item['scopes'])}",
        f"expires {expiry:%Y-%m-%d %H:%M}" if expiry else "no expiry",
        f"last used {last_use:%Y-%m-%d %H:%M}" if last_use else "never used",
        f"made by {item['made_by'] or 'somebody before this was recorded'}",
    ]
    facts += [f"reason: {item['reason']}"] if item["reason"] else []
    facts += [f"rotated to {item['successor']}"] if item["successor"] else []
    return "; ".join(facts)


def _moment(value: datetime | str | None) -> datetime | None:
    """Return a time, which a service sends as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _expiry(days: float | None) -> datetime | None:
    if days is not None and days <= 0:
        raise UsageError("--expires-days is a number of days greater than 0.")
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


@api_key.command("rotate")
def rotate_command(
    key_id: KeyId,
    *,
    grace_hours: Annotated[
        float, typer.Option(metavar="N", min=0, help="hours for which the old key stays valid")
    ] = 24,
    reason: Reason = "",
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Make a new key in the place of one and print it, this once."""
    if remote := connect(server, key, reason=reason):
        path = f"/v1/admin/keys/{key_id}/rotate"
        created = remote.call("POST", path, json={"grace_hours": grace_hours})
    else:
        from api.auth.api_keys import rotate_key

        with open_local_store(data) as store:
            token, view = rotate_key(
                store.database, DEFAULT_TENANT, key_id,
                grace=timedelta(hours=grace_hours), author=operator(reason),
            )  # fmt: skip
        created = {"key": token, "key_id": view.key_id}
    if as_json:
        print_json(created)
    else:
        print_line(created["key"])
    return 0


@api_key.command("revoke")
def revoke_command(
    key_id: KeyId,
    *,
    reason: Reason = "",
    tenant: TenantId = DEFAULT_TENANT,
    data: DataFolder = None,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Revoke a key; the next request with it is refused."""
    if remote := connect(server, key, reason=reason):
        refuse_tenant(tenant)
        remote.call("DELETE", f"/v1/admin/keys/{key_id}")
    else:
        from api.auth.api_keys import revoke_key

        with open_local_store(data) as store:
            revoke_key(store.database, tenant, key_id, author=operator(reason))
    if as_json:
        print_json({"key_id": key_id, "revoked": True})
    else:
        print_line(f"{key_id} is revoked.")
    return 0
