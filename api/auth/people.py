"""People: the names that they get here, and their suspension."""

from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.auth.api_keys import as_user
from index.access.classes import ensure_tenant
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import ApiKey, ClassPrincipal, Contributor, GroupMember, Identity
from index.db.tables.base import utc_now
from index.db.tables.collections import Collection
from index.db.tables.documents import Document, Source
from index.db.tables.evaluations import EvaluationRun
from index.db.tables.openai_files import PartialFile
from index.db.tables.people import PersonRow, ProvisionedResource, SessionRow
from index.db.tables.questions import AnswerRow, Conversation, StoredResponse
from index.db.tables.webhooks import Webhook
from index.errors import InvalidPrincipalError
from index.types import LOCAL_USER

Suspender = Literal["administrator", "provider"]
"""Who suspends a person: an administrator by name, or the identity provider by SCIM."""

_USES = (
    (PersonRow.tenant, PersonRow.user),
    (ProvisionedResource.tenant, ProvisionedResource.principal),
    (ApiKey.tenant, ApiKey.user),
    (Identity.tenant, Identity.user),
    (GroupMember.tenant, GroupMember.member),
    (Contributor.tenant, Contributor.member),
    (ClassPrincipal.tenant, ClassPrincipal.principal),
    (Document.tenant, Document.owner),
    (Source.tenant, Source.owner),
    (Collection.tenant, Collection.owner),
    (PartialFile.tenant, PartialFile.owner),
    (Conversation.tenant, Conversation.owner),
    (AnswerRow.tenant, AnswerRow.asker),
    (StoredResponse.tenant, StoredResponse.owner),
    (EvaluationRun.tenant, EvaluationRun.owner),
    (Webhook.tenant, Webhook.owner),
)
"""Where a user's principal may stand; one that stands somewhere is somebody's."""


def free_user(session: Session, tenant: str, name: str, digest: str) -> str:
    """Return a principal for a new person that nobody has, after a name that somebody gives.

    A name that an access list, a group or a key already knows is somebody else's, so the new
    person gets it with a part of ``digest`` behind it.
    """
    try:
        first = as_user(name)
    except InvalidPrincipalError:
        first = f"user:person-{digest[:12]}"
    names = (first, f"{first[:100]}-{digest[:6]}", f"user:person-{digest}")
    return next((each for each in names[:2] if not _is_used(session, tenant, each)), names[2])


def _is_used(session: Session, tenant: str, user: str) -> bool:
    return user == LOCAL_USER or any(
        session.scalar(select(name).where(of == tenant, name == user).limit(1)) is not None
        for of, name in _USES
    )


def is_suspended(session: Session, tenant: str, user: str) -> bool:
    """Tell whether nothing opens for a person."""
    at_person = (PersonRow.tenant == tenant, PersonRow.user == user)
    return session.scalar(select(PersonRow.suspended_at).where(*at_person)) is not None


def suspend_person(
    database: Database, tenant: str, user: str, *, author: Author | None = None
) -> str:
    """Refuse a person's keys and tokens, and end their sessions, until they are resumed.

    Streams under way end within a second. Nothing that is theirs is deleted.
    """
    principal = as_user(user)
    with database.write(author) as session:
        suspend(session, tenant, principal, by="administrator")
        record_act(session, tenant, "person-suspend", principal)
    return principal


def resume_person(
    database: Database, tenant: str, user: str, *, author: Author | None = None
) -> str:
    """End a person's suspension, whoever has suspended them.

    Their keys open again, and they sign in again.
    """
    principal = as_user(user)
    with database.write(author) as session:
        resume(session, tenant, principal, by="administrator")
        record_act(session, tenant, "person-resume", principal)
    return principal


def suspend(session: Session, tenant: str, principal: str, *, by: Suspender) -> None:
    """Suspend a person in this transaction; an administrator's suspension stays one."""
    row = register_person(session, tenant, principal)
    if row.suspended_at is None or by == "administrator":
        row.suspended_by = by
    row.suspended_at = row.suspended_at or utc_now()
    end_sessions(session, tenant, principal)


def resume(session: Session, tenant: str, principal: str, *, by: Suspender) -> bool:
    """End a person's suspension in this transaction; tell whether they are active now.

    A provider ends its own suspensions alone; one of which nobody knows whose it is, is not.
    """
    row = register_person(session, tenant, principal)
    if by == "administrator" or row.suspended_by == "provider":
        row.suspended_at = row.suspended_by = None
    return row.suspended_at is None


def end_sessions(session: Session, tenant: str, principal: str) -> int:
    """End every session of a person that is open, and return how many there were."""
    at_person = (SessionRow.tenant == tenant, SessionRow.user == principal)
    statement = update(SessionRow).where(*at_person, SessionRow.revoked_at.is_(None))
    return session.connection().execute(statement.values(revoked_at=utc_now())).rowcount


def register_person(session: Session, tenant: str, principal: str) -> PersonRow:
    """Return the row of a person, which keeps their name from everybody else for good."""
    ensure_tenant(session, tenant)
    row = session.get(PersonRow, (tenant, principal), with_for_update=True)
    if row is None:
        row = PersonRow(tenant=tenant, user=principal, created_at=utc_now())
        session.add(row)
    return row
