"""API keys: 256 random bits, handed out once; the database keeps their SHA-256 alone."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.errors import InvalidRequestError
from index.access.classes import ensure_tenant, groups_of
from index.db.database import Database
from index.db.tables.access import ApiKey
from index.db.tables.base import utc_now
from index.errors import NotFoundError
from index.types import Actor, Role, Scope, parse_principal

PREFIX = "fn_"
"""Lets secret scanners and people recognise a key."""


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it may be shown: everything but the key."""

    key_id: str
    user: str
    groups: list[str]
    role: Role
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the actor, and the credential's own id for limits and logs."""

    actor: Actor
    credential: str


def create_key(
    database: Database, tenant: str, user: str, *, groups: Iterable[str] = (), role: str = "reader"
) -> tuple[str, KeyView]:
    """Make a key and return it together with its view; the key cannot be read again.

    Raises:
        InvalidPrincipalError: the user or a group is malformed.
        InvalidRequestError: the role is not one of reader, curator, admin.

    """
    if role not in get_args(Role):
        raise InvalidRequestError(f"A role is one of {', '.join(get_args(Role))}.")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(
        id=f"key_{secrets.token_hex(12)}",
        hash=_digest(token),
        tenant=tenant,
        user=as_user(user),
        groups=sorted({as_group(group) for group in groups}),
        role=role,
    )
    with database.write() as session:
        ensure_tenant(session, tenant)
        session.add(row)
        session.flush()
        view = _view(row)
    return token, view


def list_keys(database: Database, tenant: str) -> list[KeyView]:
    """Return a tenant's keys, oldest first, revoked ones too."""
    with database.read() as session:
        rows = session.scalars(
            select(ApiKey).where(ApiKey.tenant == tenant).order_by(ApiKey.created_at, ApiKey.id)
        )
        return [_view(row) for row in rows]


def revoke_key(database: Database, tenant: str, key_id: str) -> KeyView:
    """Make a key useless from the next request on; harmless when it is revoked already.

    Raises:
        NotFoundError: the tenant has no such key.

    """
    with database.write() as session:
        row = session.get(ApiKey, key_id)
        if row is None or row.tenant != tenant:
            raise NotFoundError
        row.revoked_at = row.revoked_at or utc_now()
        session.flush()
        return _view(row)


def find_caller(database: Database, token: str) -> Caller | None:
    """Return who holds the key, or none where it is unknown or revoked.

    The lookup compares hashes of the whole key, so its time tells nothing about near misses.
    """
    with database.read() as session:
        row = session.execute(_HELD, {"hash": _digest(token)}).first()
        if row is None or row.revoked_at is not None:
            return None
        scope = resolve_scope(session, row.tenant, [row.user, *row.groups])
        return Caller(Actor(scope, row.user, cast("Role", row.role)), row.id)


_HELD = select(
    ApiKey.id, ApiKey.tenant, ApiKey.user, ApiKey.groups, ApiKey.role, ApiKey.revoked_at
).where(ApiKey.hash == bindparam("hash"))
"""Made once, since every request runs it."""


def resolve_scope(session: Session, tenant: str, principals: Iterable[str]) -> Scope:
    """Return a scope of the principals and every group they are registered in."""
    scope = Scope.of(tenant, principals)
    registered = groups_of(session, tenant, *scope.principals)
    return Scope.of(tenant, scope.principals | registered)


def as_user(text: str) -> str:
    """Return ``user:<id>`` for ``<id>`` or ``user:<id>``."""
    return parse_principal(text if text.startswith("user:") else f"user:{text}")


def as_group(text: str) -> str:
    """Return ``group:<source>/<id>`` for itself or ``<source>/<id>``."""
    return parse_principal(text if text.startswith("group:") else f"group:{text}")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _view(row: ApiKey) -> KeyView:
    return KeyView(
        row.id, row.user, list(row.groups), cast("Role", row.role), row.created_at, row.revoked_at
    )
