"""Look up the rights that a credential gives now, for work that outlives its request."""

from collections.abc import Sequence
from typing import cast, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.api_keys import is_valid, resolve_scope
from api.auth.identities import credential_of
from api.auth.people import is_suspended
from api.auth.sessions import open_sessions
from api.errors import UnauthorizedError
from index.access.tenants import check_active
from index.db.database import Database
from index.db.tables.access import ApiKey, Identity
from index.db.tables.people import SessionRow
from index.types import Actor, Role

CUT = "The key, identity or session that started this is not valid any more."


def actor_now(database: Database, tenant: str, owner: str, credential: str) -> Actor:
    """Return the owner as a request with the same credential would make them now.

    What is not held any more is gone, and a group that was joined since then counts, with what it
    denies. What the owner holds by another credential alone is not lent.

    Raises:
        UnauthorizedError: the key was revoked, the session was ended, the identity is no longer
            the owner's, or the owner is suspended.
        TenantSuspendedError: the tenant is suspended.

    """
    with database.read() as session:
        check_active(session, tenant)
        groups = check_credential(session, tenant, owner, credential)
        scope = resolve_scope(session, tenant, [owner, *groups])
        return Actor(scope, owner, credential=credential)


def check_credential(session: Session, tenant: str, owner: str, credential: str) -> Sequence[str]:
    """Return the groups that the credential itself brings: a key's own, an identity's claimed ones.

    Raises:
        UnauthorizedError: the key was revoked, the session was ended, the identity is no longer
            the owner's, or the owner is suspended.

    """
    if is_suspended(session, tenant, owner):
        raise UnauthorizedError(CUT)
    key = session.get(ApiKey, credential)
    if key is not None and is_valid(key) and (key.tenant, key.user) == (tenant, owner):
        return key.groups
    signed_in = session.execute(open_sessions().where(SessionRow.id == credential)).first()
    if signed_in is not None:
        identity: Identity = signed_in.Identity
        if (identity.tenant, identity.user) == (tenant, owner):
            return identity.groups
    identities = session.scalars(
        select(Identity).where(Identity.tenant == tenant, Identity.user == owner)
    )
    for each in identities:
        if credential_of(each.issuer, each.subject) == credential:
            return each.groups
    raise UnauthorizedError(CUT)


def role_of_credential(session: Session, credential: str) -> Role:
    """Return the role that a key gives, or the identity of a session; else a reader's."""
    key = session.get(ApiKey, credential)
    if key is not None:
        return cast("Role", key.role) if key.role in get_args(Role) else "reader"
    signed_in = session.execute(open_sessions().where(SessionRow.id == credential)).first()
    return "reader" if signed_in is None else cast("Role", signed_in.Identity.role)
