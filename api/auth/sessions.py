"""Sessions: a browser in which somebody signed in has a cookie of 256 random bits.

The database keeps the cookie's SHA-256 alone, as it does of keys. Who somebody is and which groups
they hold stands with their identity, not with the session, so a change counts at the next request.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from api.auth.api_keys import Caller
from api.auth.browser_cookies import csrf_token
from api.auth.identities import actor_of
from api.auth.key_scopes import OF_PEOPLE
from api.auth.people import end_sessions
from api.settings import Settings
from index.access.tenants import check_state
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Identity, Tenant
from index.db.tables.base import utc_now
from index.db.tables.people import PersonRow, SessionRow
from index.errors import NotFoundError

PREFIX = "fs_"
"""Lets secret scanners recognise a cookie."""

ID_PREFIX = "ses_"

MOST_SESSIONS = 20
"""Of one person; one more ends the oldest."""


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """How long sessions last."""

    lifetime: timedelta
    idle: timedelta
    """Without a request."""

    @classmethod
    def of(cls, settings: Settings) -> "SessionTerms":
        """Return the configured terms."""
        return cls(
            timedelta(hours=settings.session_hours),
            timedelta(minutes=settings.session_idle_minutes),
        )


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as its owner sees it."""

    session_id: str
    created_at: datetime
    used_at: datetime
    """To the minute."""
    expires_at: datetime
    """At the latest; without requests it ends earlier."""


def open_session(session: Session, identity: Identity, terms: SessionTerms) -> str:
    """Make a session for somebody who has just signed in, and return its cookie's value.

    Every sign-in has a new value, so one that somebody planted in the browser before opens
    nothing.
    """
    now, token = utc_now(), PREFIX + secrets.token_urlsafe(32)
    session.execute(delete(SessionRow).where(SessionRow.expires_at < now))
    _end_oldest(session, identity.tenant, identity.user)
    row = SessionRow(
        id=ID_PREFIX + secrets.token_hex(12), hash=_digest(token), tenant=identity.tenant,
        user=identity.user, issuer=identity.issuer, subject=identity.subject, created_at=now,
        used_at=now, expires_at=now + terms.lifetime,
    )  # fmt: skip
    session.add(row)
    record_act(session, identity.tenant, "session-open", row.id)
    return token


def revoke_cookie(session: Session, token: str) -> None:
    """End the session of a cookie, where there is one."""
    at_cookie = (SessionRow.hash == _digest(token), SessionRow.revoked_at.is_(None))
    session.execute(update(SessionRow).where(*at_cookie).values(revoked_at=utc_now()))


def find_session(
    database: Database, token: str, terms: SessionTerms, issuer: str | None
) -> Caller | None:
    """Return who signed in with this cookie, or none where the session is over.

    It is over, too, where another issuer than the configured one has signed the person in.

    Raises:
        TenantSuspendedError: the session is open, and its tenant is suspended.

    """
    with database.read() as session:
        row = session.execute(open_sessions().where(SessionRow.hash == _digest(token))).first()
        if row is None or row.SessionRow.used_at + terms.idle <= utc_now():
            return None
        if row.SessionRow.issuer != issuer:
            return None
        check_state(row.state)
        actor = actor_of(session, row.Identity, row.SessionRow.id)
        return Caller(
            actor, actor.credential, OF_PEOPLE, name=row.Identity.name, csrf_token=csrf_token(token)
        )


def open_sessions() -> Select[SessionRow, Identity, str]:
    """Select the sessions that are open, with their identity and the state of their tenant.

    A session is over when it was ended or its time is up, when its identity stands for nobody or
    somebody else, and when its person is suspended. How long it was idle is for requests alone:
    work under way goes on.
    """
    is_same = (
        (Identity.issuer == SessionRow.issuer)
        & (Identity.subject == SessionRow.subject)
        & (Identity.tenant == SessionRow.tenant)
        & (Identity.user == SessionRow.user)
    )
    of_person = (PersonRow.tenant == SessionRow.tenant) & (PersonRow.user == SessionRow.user)
    return (
        select(SessionRow, Identity, Tenant.state)
        .join(Identity, is_same)
        .join(Tenant, Tenant.id == SessionRow.tenant)
        .outerjoin(PersonRow, of_person)
        .where(
            SessionRow.revoked_at.is_(None),
            SessionRow.expires_at > utc_now(),
            PersonRow.suspended_at.is_(None),
        )
    )


def list_sessions(database: Database, tenant: str, user: str) -> list[SessionView]:
    """Return a person's open sessions, newest first."""
    statement = open_sessions().where(SessionRow.tenant == tenant, SessionRow.user == user)
    with database.read() as session:
        rows = session.execute(statement.order_by(SessionRow.created_at.desc(), SessionRow.id))
        return [_view(row.SessionRow) for row in rows]


def show_session(database: Database, session_id: str) -> SessionView:
    """Return a session.

    Raises:
        NotFoundError: there is none of this id that is open.

    """
    with database.read() as session:
        row = session.execute(open_sessions().where(SessionRow.id == session_id)).first()
        if row is None:
            raise NotFoundError
        return _view(row.SessionRow)


def end_session(
    database: Database, tenant: str, user: str, session_id: str, *, author: Author | None = None
) -> None:
    """End a session of a person; the next request with its cookie is refused.

    Raises:
        NotFoundError: the person has none of this id that is open.

    """
    at_session = (SessionRow.id == session_id, SessionRow.tenant == tenant, SessionRow.user == user)
    with database.write(author) as session:
        if session.execute(open_sessions().where(*at_session)).first() is None:
            raise NotFoundError
        session.execute(update(SessionRow).where(*at_session).values(revoked_at=utc_now()))
        record_act(session, tenant, "session-end", session_id)


def end_all_sessions(
    database: Database, tenant: str, user: str, *, author: Author | None = None
) -> int:
    """End every session of a person and return how many there were."""
    with database.write(author) as session:
        count = end_sessions(session, tenant, user)
        record_act(session, tenant, "sessions-end", user, sessions=count)
        return count


def _end_oldest(session: Session, tenant: str, user: str) -> None:
    """End sessions of a person until there is room for one more."""
    at_person = (SessionRow.tenant == tenant, SessionRow.user == user)
    newest_first = select(SessionRow.id).where(*at_person, SessionRow.revoked_at.is_(None))
    older = session.scalars(
        newest_first.order_by(SessionRow.created_at.desc(), SessionRow.id).offset(MOST_SESSIONS - 1)
    ).all()
    session.execute(update(SessionRow).where(SessionRow.id.in_(older)).values(revoked_at=utc_now()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _view(row: SessionRow) -> SessionView:
    return SessionView(row.id, row.created_at, row.used_at, row.expires_at)
