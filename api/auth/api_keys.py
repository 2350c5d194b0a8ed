"""API keys: 256 random bits, handed out once; the database keeps their SHA-256 alone."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.auth.key_scopes import ALL, scopes_of, shown_scopes, spell_scopes
from api.errors import InvalidRequestError
from index.access.classes import ensure_tenant, groups_of
from index.access.tenants import OPERATORS, check_not_deleted, check_state
from index.author import SERVICE, Author
from index.db.audit_chain import bounded, record_act
from index.db.database import Database
from index.db.tables.access import ApiKey, Tenant
from index.db.tables.base import utc_now
from index.db.tables.people import PersonRow
from index.errors import NotFoundError
from index.types import Actor, Role, Scope, parse_principal

PREFIX = "fn_"
"""Lets secret scanners and people recognise a key."""

GRACE = timedelta(hours=24)
"""How long a key that was rotated stays valid by default."""


KeyRole = Literal[Role, "operator"]
"""The roles of keys: an operator's key manages tenants, and is a reader's besides."""


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it may be shown: everything but the key."""

    key_id: str
    user: str
    groups: list[str]
    role: KeyRole
    created_at: datetime
    revoked_at: datetime | None
    scopes: list[str]
    """Which of its role's rights it has."""
    expires_at: datetime | None
    last_used_at: datetime | None
    """To the minute; none where it was never used."""
    made_by: str
    """Who made it: an administrator, or ``operator`` at the data folder."""
    reason: str
    """The reason that its maker gave."""
    successor: str | None
    """The key that has taken its place."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: the actor, and the credential's own id for limits and logs."""

    actor: Actor
    credential: str
    scopes: frozenset[str] = ALL
    """The key's scopes; an external identity has all that its role has."""
    is_operator: bool = False
    """The key manages tenants; no role within a tenant does."""
    name: str = ""
    """How an issuer names the person; for people to read."""
    csrf_token: str = field(default="", repr=False)
    """The token of a change that comes with a session's cookie; none for keys and tokens."""


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """The limits of a new key."""

    scopes: frozenset[str] = ALL
    expires_at: datetime | None = None


UNLIMITED = KeyTerms()


def create_key(
    database: Database,
    tenant: str,
    user: str,
    *,
    groups: Iterable[str] = (),
    role: str = "reader",
    terms: KeyTerms = UNLIMITED,
    author: Author | None = None,
) -> tuple[str, KeyView]:
    """Make a key and return it together with its view; the key cannot be read again.

    Operators' keys, and no others, are of a tenant of their own: no administrator of another
    tenant sees, makes or revokes one.

    Raises:
        InvalidPrincipalError: the user or a group is malformed.
        InvalidRequestError: the role or a scope is none, or the expiry has passed.
        TenantSuspendedError: the tenant is being deleted.

    """
    tenant = _tenant_of_key(tenant, role)
    if terms.expires_at is not None and terms.expires_at <= utc_now():
        raise InvalidRequestError("The expiry has passed.")
    token, author = _new_token(), author or SERVICE
    row = ApiKey(
        id=_new_id(),
        hash=_digest(token),
        tenant=tenant,
        user=as_user(user),
        groups=sorted({as_group(group) for group in groups}),
        role=role,
        scopes=spell_scopes(terms.scopes),
        expires_at=terms.expires_at,
        made_by=bounded(author.actor, 200),
        reason=bounded(author.reason, 500),
    )
    with database.write(author) as session:
        ensure_tenant(session, tenant)
        check_not_deleted(session, tenant)
        session.add(row)
        session.flush()
        view = _view(row)
        _record(session, "key-create", row)
    return token, view


def list_keys(database: Database, tenant: str, *, user: str | None = None) -> list[KeyView]:
    """Return a tenant's keys, oldest first, revoked ones too; or those of one user."""
    statement = select(ApiKey).where(ApiKey.tenant == tenant)
    if user is not None:
        statement = statement.where(ApiKey.user == user)
    with database.read() as session:
        rows = session.scalars(statement.order_by(ApiKey.created_at, ApiKey.id))
        return [_view(row) for row in rows]


def find_key(database: Database, tenant: str, key_id: str) -> KeyView:
    """Return a key.

    Raises:
        NotFoundError: the tenant has no such key.

    """
    with database.read() as session:
        return _view(_row_of(session, tenant, key_id, is_locked=False))


def revoke_key(
    database: Database, tenant: str, key_id: str, *, author: Author | None = None
) -> KeyView:
    """Make a key useless from the next request on; harmless when it is revoked already.

    Raises:
        NotFoundError: the tenant has no such key.

    """
    with database.write(author) as session:
        row = _row_of(session, tenant, key_id)
        row.revoked_at = row.revoked_at or utc_now()
        session.flush()
        record_act(session, tenant, "key-revoke", row.id, user=row.user)
        return _view(row)


def rotate_key(
    database: Database,
    tenant: str,
    key_id: str,
    *,
    grace: timedelta = GRACE,
    author: Author | None = None,
) -> tuple[str, KeyView]:
    """Make a new key in the place of one, which stays valid for ``grace`` and no longer.

    The new one lasts as long from now as the old one did from its making.

    Raises:
        NotFoundError: the tenant has no such key.
        InvalidRequestError: the key is not valid any more, or it was rotated before.

    """
    now, token, author = utc_now(), _new_token(), author or SERVICE
    with database.write(author) as session:
        old = _row_of(session, tenant, key_id)
        if not is_valid(old) or old.successor is not None:
            raise InvalidRequestError("Only a valid key that has no successor can be rotated.")
        new = ApiKey(
            id=_new_id(), hash=_digest(token), tenant=tenant, user=old.user, groups=old.groups,
            role=old.role, scopes=old.scopes, made_by=bounded(author.actor, 200),
            reason=bounded(author.reason, 500),
            expires_at=old.expires_at and now + (old.expires_at - old.created_at),
        )  # fmt: skip
        session.add(new)
        old.successor, old.expires_at = new.id, min(old.expires_at or now + grace, now + grace)
        session.flush()
        _record(session, "key-rotate", new, predecessor=old.id, old_until=old.expires_at)
        return token, _view(new)


def find_caller(database: Database, token: str) -> Caller | None:
    """Return who holds the key, or none where it is unknown, revoked or out of time.

    The lookup compares hashes of the whole key, so its time tells nothing about near misses.

    Raises:
        TenantSuspendedError: the key is valid, and its tenant is suspended.

    """
    with database.read() as session:
        row = session.execute(_HELD, {"hash": _digest(token)}).first()
        if row is None or not is_valid(row) or row.suspended_at is not None:
            return None
        check_state(row.state)
        scope = resolve_scope(session, row.tenant, [row.user, *row.groups])
        scopes = scopes_of(row.scopes, row.role)
        role = "curator" if row.role == "admin" and "admin" not in scopes else row.role
        is_operator = row.role == "operator"
        role = "reader" if is_operator else role
        actor = Actor(scope, row.user, cast("Role", role), row.id)
        return Caller(actor, row.id, scopes, is_operator)


_HELD = (
    select(
        ApiKey.id, ApiKey.tenant, ApiKey.user, ApiKey.groups, ApiKey.role, ApiKey.revoked_at,
        ApiKey.scopes, ApiKey.expires_at, Tenant.state, PersonRow.suspended_at,
    )
    .join(Tenant, Tenant.id == ApiKey.tenant)
    .outerjoin(PersonRow, (PersonRow.tenant == ApiKey.tenant) & (PersonRow.user == ApiKey.user))
    .where(ApiKey.hash == bindparam("hash"))
)  # fmt: skip
"""Made once, since every request runs it."""


def is_valid(key: Any) -> bool:
    """Tell whether a key, or a row with its columns, opens anything now."""
    is_over = key.expires_at is not None and key.expires_at <= utc_now()
    return key.revoked_at is None and not is_over


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


def _tenant_of_key(tenant: str, role: str) -> str:
    """Return the tenant that a key with this role is of."""
    if role not in get_args(KeyRole):
        raise InvalidRequestError(f"A role is one of {', '.join(get_args(KeyRole))}.")
    if role == "operator":
        return OPERATORS
    if tenant == OPERATORS:
        raise InvalidRequestError(f"The tenant {OPERATORS} has operators alone.")
    return tenant


def _new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _new_id() -> str:
    return f"key_{secrets.token_hex(12)}"


def _row_of(session: Session, tenant: str, key_id: str, *, is_locked: bool = True) -> ApiKey:
    statement = select(ApiKey).where(ApiKey.id == key_id, ApiKey.tenant == tenant)
    row = session.scalar(statement.with_for_update() if is_locked else statement)
    if row is None:
        raise NotFoundError
    return row


def _record(session: Session, act: str, row: ApiKey, **details: Any) -> None:
    """Record an act about a key: whose it is and what it may do, never the key."""
    record_act(
        session, row.tenant, act, row.id, user=row.user, groups=row.groups, role=row.role,
        scopes=row.scopes or None, expires_at=row.expires_at,
        impersonates=True if row.user != row.made_by else None, **details,
    )  # fmt: skip


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _view(row: ApiKey) -> KeyView:
    return KeyView(
        row.id, row.user, list(row.groups), cast("KeyRole", row.role), row.created_at,
        row.revoked_at, shown_scopes(row.scopes, row.role), row.expires_at, row.last_used_at,
        row.made_by, row.reason, row.successor,
    )  # fmt: skip
