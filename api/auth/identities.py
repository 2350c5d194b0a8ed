"""External identities: whom a pair of issuer and subject stands for, and what was claimed last."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.auth.api_keys import Caller, as_user, resolve_scope
from api.auth.claims import ClaimedIdentity, ClaimRules, role_named
from api.auth.key_scopes import OF_PEOPLE
from api.auth.people import free_user, is_suspended, register_person
from api.errors import SignInError, UnauthorizedError
from index.access.classes import ensure_tenant, lock_tenant
from index.access.tenants import check_active
from index.author import Author
from index.db.audit_chain import bounded, record_act, set_author
from index.db.database import Database
from index.db.tables.access import Identity
from index.db.tables.base import utc_now
from index.db.tables.people import PersonRow, SessionRow
from index.errors import NotFoundError
from index.types import Actor

ANOTHER_TENANT = "This identity is registered in another tenant than the token names."


@dataclass(frozen=True, slots=True)
class IdentityView:
    """An identity and the user that it stands for."""

    issuer: str
    subject: str
    user: str


def find_identity(database: Database, issuer: str, subject: str) -> Caller | None:
    """Return the user an external identity is mapped to, or none where that user is suspended.

    The user's groups are those registered here and those of the newest claims that count; e-mail
    addresses play no part.

    Raises:
        TenantSuspendedError: the user's tenant is suspended.

    """
    with database.read() as session:
        row = session.get(Identity, (issuer, subject))
        return None if row is None else _caller(session, row)


def find_token_holder(
    database: Database, identity: ClaimedIdentity, rules: ClaimRules
) -> Caller | None:
    """Return the user for whom a bearer token stands, after noting what it says that is new.

    Raises:
        UnauthorizedError: the token names no groups, and the person was in some; or it names
            another tenant than the person's.
        TenantSuspendedError: the user's tenant is suspended.

    """
    with database.read() as session:
        row = session.get(Identity, (identity.issuer, identity.subject))
        if row is None:
            return None
        if not _is_of_tenant(row, identity, rules):
            raise UnauthorizedError(ANOTHER_TENANT)
        if not _is_news(row, identity):
            return _caller(session, row)
    note_claims(database, identity, rules)
    return find_identity(database, identity.issuer, identity.subject)


def _caller(session: Session, row: Identity) -> Caller | None:
    if is_suspended(session, row.tenant, row.user):
        return None
    check_active(session, row.tenant)
    actor = actor_of(session, row)
    return Caller(actor, actor.credential, OF_PEOPLE, name=row.name)


def actor_of(session: Session, row: Identity, credential: str = "") -> Actor:
    """Return the actor that an identity makes now."""
    credential = credential or credential_of(row.issuer, row.subject)
    scope = resolve_scope(session, row.tenant, [row.user, *row.groups])
    return Actor(scope, row.user, role_named(row.role), credential)


def credential_of(issuer: str, subject: str) -> str:
    """Return the name of an identity for limits, logs and runs; it tells neither part."""
    name = hashlib.sha256(f"{issuer}\x00{subject}".encode()).hexdigest()[:24]
    return f"oidc_{name}"


def map_identity(
    database: Database,
    tenant: str,
    *,
    issuer: str,
    subject: str,
    user: str,
    author: Author | None = None,
) -> str:
    """Map an external identity to a user of the tenant, and return the user's principal.

    One that stood for somebody else before loses that person's sessions and claims.
    """
    principal = as_user(user)
    with database.write(author) as session:
        ensure_tenant(session, tenant)
        row = session.get(Identity, (issuer, subject))
        if row is not None and (row.tenant, row.user) != (tenant, principal):
            remove_row(session, row)
            row = None
        if row is None:
            session.add(Identity(issuer=issuer, subject=subject, tenant=tenant, user=principal))
        record_act(session, tenant, "identity-map", credential_of(issuer, subject), user=principal)
    return principal


def unmap_identity(
    database: Database, tenant: str, *, issuer: str, subject: str, author: Author | None = None
) -> IdentityView:
    """Let an external identity stand for nobody; its sessions end.

    Raises:
        NotFoundError: it stands for nobody of this tenant.

    """
    with database.write(author) as session:
        row = session.get(Identity, (issuer, subject))
        if row is None or row.tenant != tenant:
            raise NotFoundError
        remove_row(session, row)
        record_act(session, tenant, "identity-unmap", credential_of(issuer, subject), user=row.user)
        return IdentityView(issuer, subject, row.user)


def remove_row(session: Session, row: Identity) -> None:
    """Remove an identity with its sessions; whom it stood for keeps their name."""
    register_person(session, row.tenant, row.user)
    at_identity = (SessionRow.issuer == row.issuer, SessionRow.subject == row.subject)
    session.execute(delete(SessionRow).where(*at_identity))
    session.delete(row)
    session.flush()


def list_identities(database: Database, tenant: str) -> list[IdentityView]:
    """Return the identities of a tenant's users, in order of user."""
    statement = select(Identity).where(Identity.tenant == tenant)
    order = (Identity.user, Identity.issuer, Identity.subject)
    with database.read() as session:
        rows = session.scalars(statement.order_by(*order))
        return [IdentityView(row.issuer, row.subject, row.user) for row in rows]


def note_claims(database: Database, identity: ClaimedIdentity, rules: ClaimRules) -> None:
    """Write down what the newest token claims, where it says more than is known.

    What counts is what the issuer said last, whichever token a request comes with: a group that
    an older token names is not got back with it. A client chooses what its token claims, so that
    one without the claim of groups cannot take away a group which documents deny.

    Raises:
        UnauthorizedError: the token names no groups, and the person was in some.

    """
    key = (identity.issuer, identity.subject)
    with database.read() as session:
        row = session.get(Identity, key)
        if row is None or not _is_news(row, identity):
            return
        if row.groups and not identity.names_groups:
            raise UnauthorizedError(
                f"The token lacks the claim {rules.groups}. Ask the issuer for one that has it."
            )
    with database.write() as session:
        row = session.get(Identity, key, with_for_update=True)
        if row is not None and _is_news(row, identity):
            write_claims(session, row, identity)


def write_claims(session: Session, row: Identity, identity: ClaimedIdentity) -> None:
    """Write claims into an identity's row; a change of rights goes into the audit log."""
    groups, role = _counting(row, identity)
    if (list(row.groups or []), row.role or "reader") != (groups, role):
        record_act(
            session, row.tenant, "identity-claims", credential_of(row.issuer, row.subject),
            user=row.user, groups=groups, role=role,
        )  # fmt: skip
    row.groups, row.role, row.name = groups, role, identity.name
    row.claimed_at = identity.issued_at


def _is_of_tenant(row: Identity, identity: ClaimedIdentity, rules: ClaimRules) -> bool:
    """Tell whether somebody is registered in the tenant that the token names, if it is to name one.

    Who has changed to another tenant gets nothing in either until an administrator of the old one
    removes the identity: documents and rights do not move along.
    """
    return rules.tenant_claim is None or row.tenant == identity.tenant


def _is_news(row: Identity, identity: ClaimedIdentity) -> bool:
    if row.claimed_at is None or identity.issued_at > row.claimed_at:
        return True
    groups, role = _counting(row, identity)
    is_other = (list(row.groups), row.role) != (groups, role)
    return is_other and identity.issued_at == row.claimed_at  # the settings have changed


def _counting(row: Identity, identity: ClaimedIdentity) -> tuple[list[str], str]:
    """Return the groups and the role that count; in another tenant than the token's none do."""
    is_same = row.tenant == identity.tenant
    return (list(identity.groups), identity.role) if is_same else ([], "reader")


def admit_identity(
    session: Session, identity: ClaimedIdentity, rules: ClaimRules, *, may_register: bool
) -> Identity:
    """Return the row of somebody who has just signed in, with the claims of their token.

    Raises:
        SignInError: nobody has registered them, they are suspended, or the token names another
            tenant than theirs.
        TenantSuspendedError: their tenant is suspended.

    """
    row = session.get(Identity, (identity.issuer, identity.subject), with_for_update=True)
    if row is None:
        if not may_register:
            raise SignInError("Nobody has registered this identity here.", "unknown")
        row = _register(session, identity)
    if not _is_of_tenant(row, identity, rules):
        raise SignInError(ANOTHER_TENANT, "refused")
    set_author(session, Author(row.user, credential_of(row.issuer, row.subject)))
    check_active(session, row.tenant)
    if is_suspended(session, row.tenant, row.user):
        raise SignInError("This person is suspended.", "suspended")
    write_claims(session, row, identity)
    return row


def _register(session: Session, identity: ClaimedIdentity) -> Identity:
    """Make a person for an identity, under a name that nobody has or had."""
    lock_tenant(session, identity.tenant)
    credential = credential_of(identity.issuer, identity.subject)
    user = free_user(session, identity.tenant, identity.user_name, credential.removeprefix("oidc_"))
    session.add(PersonRow(tenant=identity.tenant, user=user, created_at=utc_now()))
    row = Identity(
        issuer=bounded(identity.issuer, 255), subject=identity.subject, tenant=identity.tenant,
        user=user, groups=[], role="reader",
    )  # fmt: skip
    session.add(row)
    session.flush()
    record_act(session, identity.tenant, "identity-register", credential, user=user)
    return row
