"""Look up the rights that a credential gives now, for work that outlives its request."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.api_keys import is_valid, resolve_scope
from api.auth.oidc import credential_of
from api.errors import UnauthorizedError
from index.access.tenants import check_active
from index.db.database import Database
from index.db.tables.access import ApiKey, Identity
from index.types import Actor

CUT = "The key or identity that started this is not valid any more."


def actor_now(database: Database, tenant: str, owner: str, credential: str) -> Actor:
    """Return the owner as a request with the same credential would make them now.

    What is not held any more is gone, and a group that was joined since then counts, with what it
    denies. What the owner holds by another credential alone is not lent.

    Raises:
        UnauthorizedError: the key was revoked, or the identity is no longer the owner's.
        TenantSuspendedError: the tenant is suspended.

    """
    with database.read() as session:
        check_active(session, tenant)
        groups = check_credential(session, tenant, owner, credential)
        scope = resolve_scope(session, tenant, [owner, *groups])
        return Actor(scope, owner, credential=credential)


def check_credential(session: Session, tenant: str, owner: str, credential: str) -> Sequence[str]:
    """Return the groups that stand in the credential itself; an identity has none.

    Raises:
        UnauthorizedError: the key was revoked, or the identity is no longer the owner's.

    """
    key = session.get(ApiKey, credential)
    if key is not None and is_valid(key) and (key.tenant, key.user) == (tenant, owner):
        return key.groups
    identities = session.scalars(
        select(Identity).where(Identity.tenant == tenant, Identity.user == owner)
    )
    if any(credential_of(each.issuer, each.subject) == credential for each in identities):
        return ()
    raise UnauthorizedError(CUT)
