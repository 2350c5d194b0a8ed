"""Finds the credentials that open nothing any more, for what is still under way with them."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.api_keys import Caller, is_valid
from api.auth.delegation import CUT, check_credential
from api.errors import UnauthorizedError
from index.access.tenants import check_state
from index.db.database import Database
from index.db.tables.access import ApiKey, Tenant
from index.errors import FootnoteError


def refusals(database: Database, callers: Collection[Caller]) -> dict[str, FootnoteError]:
    """Return why a request would be refused now, by the credential of each caller it holds for.

    A key was revoked or is out of time, an identity is the user's no more, or the tenant is not
    served. All keys are looked up in one query.
    """
    tenants = {caller.actor.scope.tenant for caller in callers}
    with database.read() as session:
        rows = session.execute(select(Tenant.id, Tenant.state).where(Tenant.id.in_(tenants)))
        states = {row.id: row.state for row in rows}
        columns = (ApiKey.id, ApiKey.revoked_at, ApiKey.expires_at)
        names = {caller.credential for caller in callers}
        keys = {
            row.id: row for row in session.execute(select(*columns).where(ApiKey.id.in_(names)))
        }
        reasons: dict[str, FootnoteError] = {}
        for caller in callers:
            try:
                check_state(states.get(caller.actor.scope.tenant, "active"))
                _check(session, caller, keys)
            except FootnoteError as error:
                reasons[caller.credential] = error
    return reasons


def _check(session: Session, caller: Caller, keys: Mapping[str, Any]) -> None:
    key = keys.get(caller.credential)
    if key is None:  # an identity, or a key that is gone
        actor = caller.actor
        check_credential(session, actor.scope.tenant, actor.owner, caller.credential)
    elif not is_valid(key):
        raise UnauthorizedError(CUT)
