"""``footnote admin key``: make, list and revoke API keys."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.option_sets import TenantActOptions, TenantOptions, takes_options
from api.cli.options import UserId
from api.errors import UsageError

PATH = "/v1/admin/keys"

KeyId = Annotated[str, typer.Argument(metavar="KEY_ID", help="the key's id, not the key")]
ExpiryDays = Annotated[
    float | None,
    typer.Option(metavar="N", help="days for which the key is valid (default: for ever)"),
]

api_key = command_group("Make, list, rotate and revoke API keys.")


@api_key.command("create")
@takes_options
def create_command(
    *,
    user: UserId,
    groups: Annotated[
        list[str] | None,
        typer.Option("--group", metavar="SOURCE/ID", help="hr/all; repeatable"),
    ] = None,
    role: Annotated[
        Literal["reader", "evaluator", "contributor", "curator", "admin", "operator"],
        typer.Option(help="what the key may do; operator: manage tenants (local data folder only)"),
    ] = "reader",
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="read, write, admin, impersonate or scim; repeatable (default: all that the role "
            "has)",
        ),
    ] = None,
    expires_days: ExpiryDays = None,
    options: TenantActOptions,
) -> int:
    """Make a key and print it, this once."""
    expires_at = _expiry(expires_days)
    if remote := options.connect():
        body: dict[str, Any] = {"user": user, "groups": groups or [], "role": role}
        body["scopes"] = scopes or []
        body["expires_at"] = expires_at and expires_at.isoformat()
        created = remote.call("POST", PATH, json=body)
    else:
        from api.auth.api_keys import KeyTerms, create_key
        from api.auth.key_scopes import ALL

        terms = KeyTerms(frozenset(scopes or ALL), expires_at)
        with options.open_store() as store:
            token, view = create_key(
                store.database, options.tenant, user, groups=groups or [], role=role,
                terms=terms, author=options.author,
            )  # fmt: skip
        created = {"key": token, "key_id": view.key_id}
    return options.print(created, created["key"])


@api_key.command("list")
@takes_options
def list_command(*, options: TenantOptions) -> int:
    """List the keys: their ids and users, not the keys themselves."""
    if remote := options.connect():
        items = remote.call("GET", PATH)["items"]
    else:
        from api.auth.api_keys import list_keys

        with options.open_store() as store:
            items = [asdict(view) for view in list_keys(store.database, options.tenant)]
    lines = (line for item in items for line in _describe(item))
    return options.print({"keys": items}, *lines)


def _state(item: dict[str, Any]) -> str:
    """Return whether a key opens anything now."""
    expiry = _moment(item["expires_at"])
    if item["revoked_at"]:
        return "revoked"
    return "expired" if expiry is not None and expiry <= datetime.now(UTC) else "valid"


def _describe(item: dict[str, Any]) -> tuple[str, str]:
    """Return whose a key is in one line, its scopes, times and maker in another."""
    expiry, last_use = _moment(item["expires_at"]), _moment(item["last_used_at"])
    facts = [
        f"scopes {' '.join(item['scopes'])}",
        f"expires {expiry:%Y-%m-%d %H:%M}" if expiry else "no expiry",
        f"last used {last_use:%Y-%m-%d %H:%M}" if last_use else "never used",
        f"made by {item['made_by'] or 'somebody before this was recorded'}",
    ]
    facts += [f"reason: {item['reason']}"] if item["reason"] else []
    facts += [f"rotated to {item['successor']}"] if item["successor"] else []
    principals = " ".join([item["user"], *item["groups"]])
    first = f"{item['key_id']}  {item['role']:11} {_state(item):8} {principals}"
    return first, f"    {'; '.join(facts)}"


def _moment(value: datetime | str | None) -> datetime | None:
    """Return a time, which a service sends as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _expiry(days: float | None) -> datetime | None:
    if days is not None and not days > 0:  # nor what is no number
        raise UsageError("--expires-days is a number of days greater than 0.")
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


@api_key.command("rotate")
@takes_options
def rotate_command(
    key_id: KeyId,
    *,
    grace_hours: Annotated[
        float, typer.Option(metavar="N", min=0, help="hours for which the old key stays valid")
    ] = 24,
    options: TenantActOptions,
) -> int:
    """Make a new key in the place of one and print it, this once."""
    if remote := options.connect():
        body = {"grace_hours": grace_hours}
        created = remote.call("POST", f"{PATH}/{key_id}/rotate", json=body)
    else:
        from api.auth.api_keys import rotate_key

        with options.open_store() as store:
            token, view = rotate_key(
                store.database, options.tenant, key_id,
                grace=timedelta(hours=grace_hours), author=options.author,
            )  # fmt: skip
        created = {"key": token, "key_id": view.key_id}
    return options.print(created, created["key"])


@api_key.command("revoke")
@takes_options
def revoke_command(key_id: KeyId, *, options: TenantActOptions) -> int:
    """Revoke a key; the next request with it is refused."""
    if remote := options.connect():
        remote.call("DELETE", f"{PATH}/{key_id}")
    else:
        from api.auth.api_keys import revoke_key

        with options.open_store() as store:
            revoke_key(store.database, options.tenant, key_id, author=options.author)
    return options.print({"key_id": key_id, "revoked": True}, f"{key_id} is revoked.")
