"""Finds the credentials that open nothing any more, for what is still under way with them."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.api_keys import Caller, is_valid
from api.auth.delegation import CUT, check_credential
from api.auth.sessions import open_sessions
from api.errors import UnauthorizedError
from index.access.tenants import check_state
from index.db.database import Database
from index.db.tables.access import ApiKey, Tenant
from index.db.tables.people import PersonRow, SessionRow
from index.errors import FootnoteError


def refusals(database: Database, callers: Collection[Caller]) -> dict[str, FootnoteError]:
    """Return why a request would be refused now, by the credential of each caller it holds for.

    A key was revoked or is out of time, a session was ended, an identity is the user's no more, the
    person is suspended, or the tenant is not served. All keys are looked up in one query, and so
    are all sessions.
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
        signed_in = session.execute(open_sessions().where(SessionRow.id.in_(names)))
        open_ids = {row.SessionRow.id for row in signed_in}
        suspended_people = _suspended(session, tenants)
        reasons: dict[str, FootnoteError] = {}
        for caller in callers:
            try:
                check_state(states.get(caller.actor.scope.tenant, "active"))
                if (caller.actor.scope.tenant, caller.actor.owner) in suspended_people:
                    raise UnauthorizedError(CUT)
                if caller.credential not in open_ids:
                    _check(session, caller, keys)
            except FootnoteError as error:
                reasons[caller.credential] = error
    return reasons


def _suspended(session: Session, tenants: Collection[str]) -> set[tuple[str, str]]:
    """Return tenant and principal of the people who are suspended."""
    rows = session.execute(
        select(PersonRow.tenant, PersonRow.user).where(
            PersonRow.tenant.in_(tenants), PersonRow.suspended_at.is_not(None)
        )
    )
    return {(row.tenant, row.user) for row in rows}


def _check(session: Session, caller: Caller, keys: Mapping[str, Any]) -> None:
    key = keys.get(caller.credential)
    if key is None:  # an identity, or a key or session that is gone
        actor = caller.actor
        check_credential(session, actor.scope.tenant, actor.owner, caller.credential)
    elif not is_valid(key):
        raise UnauthorizedError(CUT)
