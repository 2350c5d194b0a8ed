"""A provisioned person: their principal, their identity at the issuer, whether they are active.

Nobody is known by an e-mail address or by a name that may change. The provider's ``externalId`` is
the subject that the issuer signs in, so provisioning and signing in are about the same person.
"""

from dataclasses import dataclass

from scim2_models import UniquenessException
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.identities import remove_row
from api.auth.people import end_sessions, free_user, is_suspended, resume, suspend
from api.scim.schemas import ProvisionedUser
from index.db.tables.access import ApiKey, GroupMember, Identity
from index.db.tables.base import utc_now
from index.db.tables.people import ProvisionedResource


@dataclass(frozen=True, slots=True)
class ProvisionedTenant:
    """The tenant whose people are provisioned, and the issuer that signs them in."""

    tenant: str
    issuer: str | None
    """None where the settings name no issuer for this tenant."""


def principal_of_new(
    session: Session, place: ProvisionedTenant, user: ProvisionedUser, resource_id: str
) -> str:
    """Return the principal of a new person.

    Whoever has signed in already, or was registered by an administrator, goes on as who they are.
    Everybody else gets a principal that nobody has or had.

    Raises:
        UniquenessException: the person is provisioned already.

    """
    row = _identity(session, place, user.external_id)
    if row is None:
        digest = resource_id.removeprefix("scim_")
        return free_user(session, place.tenant, str(user.user_name), digest)
    at_principal = (
        ProvisionedResource.tenant == place.tenant, ProvisionedResource.principal == row.user
    )  # fmt: skip
    if session.scalar(select(ProvisionedResource.id).where(*at_principal)) is not None:
        raise UniquenessException(detail="There is a person with this externalId.")
    return row.user


def apply_person(
    session: Session,
    place: ProvisionedTenant,
    principal: str,
    user: ProvisionedUser,
    before: ProvisionedUser | None,
) -> bool:
    """Carry out what a person's new state means; tell whether they are let in now.

    Only a change of ``active`` counts, and it ends no suspension by an administrator.

    Raises:
        UniquenessException: the externalId is somebody else's.

    """
    if before is None or before.external_id != user.external_id:
        _connect(session, place, principal, user.external_id)
    was_active = before is None or before.active is not False
    if user.active is False and was_active:
        suspend(session, place.tenant, principal, by="provider")
    elif user.active is not False and not was_active:
        resume(session, place.tenant, principal, by="provider")
    return not is_suspended(session, place.tenant, principal)


def remove_person(session: Session, place: ProvisionedTenant, principal: str) -> None:
    """Take everything away that opens something: keys, sessions, identities, groups.

    Documents stay. The principal is never given to anybody else.
    """
    tenant = place.tenant
    suspend(session, tenant, principal, by="provider")
    end_sessions(session, tenant, principal)
    of_person = (ApiKey.tenant == tenant, ApiKey.user == principal, ApiKey.revoked_at.is_(None))
    for key in session.scalars(select(ApiKey).where(*of_person)):
        key.revoked_at = utc_now()
    at_person = (Identity.tenant == tenant, Identity.user == principal)
    for row in session.scalars(select(Identity).where(*at_person)).all():
        remove_row(session, row)
    memberships = (GroupMember.tenant == tenant, GroupMember.member == principal)
    for membership in session.scalars(select(GroupMember).where(*memberships)).all():
        session.delete(membership)


def _identity(
    session: Session, place: ProvisionedTenant, external_id: str | None
) -> Identity | None:
    """Return the identity of an externalId in this tenant.

    Raises:
        UniquenessException: it is an identity of another tenant.

    """
    if place.issuer is None or not external_id:
        return None
    row = session.get(Identity, (place.issuer, external_id), with_for_update=True)
    if row is not None and row.tenant != place.tenant:
        raise UniquenessException(detail="The externalId cannot be used.")
    return row


def _connect(
    session: Session, place: ProvisionedTenant, principal: str, external_id: str | None
) -> None:
    """Let the identity of an externalId, and no other of this issuer, stand for a person."""
    row = _identity(session, place, external_id)
    if row is not None and row.user != principal:
        raise UniquenessException(detail="The externalId is somebody else's.")
    of_person = (
        Identity.tenant == place.tenant, Identity.user == principal,
        Identity.issuer == place.issuer, Identity.subject != (external_id or ""),
    )  # fmt: skip
    for other in session.scalars(select(Identity).where(*of_person)).all():
        remove_row(session, other)
    if row is None and place.issuer is not None and external_id:
        identity = Identity(
            issuer=place.issuer, subject=external_id, tenant=place.tenant, user=principal,
            groups=[], role="reader",
        )  # fmt: skip
        session.add(identity)
        session.flush()
