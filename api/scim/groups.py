"""A provisioned group: its principal, and its members, who are the group's in access lists."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scim2_models import GroupMembership, InvalidValueException, Reference
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.scim.kinds import GROUPS, KINDS, USERS
from api.scim.schemas import ProvisionedMember
from index.access.classes import add_member, remove_member
from index.db.tables.access import GroupMember
from index.db.tables.people import ProvisionedResource, RemovedGroup

SOURCE = "scim"
"""The source in the principals of provisioned groups: ``group:scim/<name>``."""

_UNFIT = re.compile(r"[^\w.@+\-]+")
_ENDPOINTS = {kind.name: kind.endpoint for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where resources are, for references to them."""

    base_url: str
    """The address of the service's SCIM routes."""

    def of(self, kind: str, resource_id: str) -> str:
        """Return the address of a resource."""
        return f"{self.base_url}/{_ENDPOINTS[kind]}/{resource_id}"


def principal_of_new_group(
    session: Session, tenant: str, display_name: str, resource_id: str
) -> str:
    """Return the principal of a new group, after its name; one that is taken gets an ending.

    Access lists name groups by their principals, and stay when a group is deleted. So a principal
    that a deleted group had is never another group's: what was granted to the one is not granted to
    the other by its name alone.
    """
    name = _UNFIT.sub("-", display_name).strip("-.@+")[:100]
    digest = resource_id.removeprefix("scim_")
    first = f"group:{SOURCE}/{name}" if name else f"group:{SOURCE}/{digest}"
    at_first = (ProvisionedResource.tenant == tenant, ProvisionedResource.principal == first)
    is_taken = session.scalar(select(ProvisionedResource.id).where(*at_first)) is not None
    is_taken = is_taken or session.get(RemovedGroup, (tenant, first)) is not None
    return f"{first}-{digest[:6]}" if is_taken else first


def members_of(
    session: Session, row: ProvisionedResource, addresses: Addresses
) -> list[ProvisionedMember]:
    """Return the provisioned members of a group; those that an administrator added are not."""
    return [
        ProvisionedMember(
            value=member.id, type=member.kind,
            ref=Reference(addresses.of(member.kind, member.id)),
        )
        for member in _member_rows(session, row)
    ]  # fmt: skip


def groups_of_people(
    session: Session, tenant: str, principals: Sequence[str], addresses: Addresses
) -> dict[str, list[GroupMembership]]:
    """Return the provisioned groups of each of some people."""
    statement = (
        select(GroupMember.member, ProvisionedResource)
        .join(
            ProvisionedResource,
            (ProvisionedResource.tenant == GroupMember.tenant)
            & (ProvisionedResource.principal == GroupMember.group),
        )
        .where(GroupMember.tenant == tenant, GroupMember.member.in_(principals))
        .order_by(ProvisionedResource.created_at, ProvisionedResource.id)
    )
    groups: dict[str, list[GroupMembership]] = {}
    for member, row in session.execute(statement):
        membership = GroupMembership(
            value=row.id, display=row.body.get("displayName"), type="direct",
            ref=Reference(addresses.of(row.kind, row.id)),
        )  # fmt: skip
        groups.setdefault(member, []).append(membership)
    return groups


def set_members(
    session: Session, row: ProvisionedResource, members: Iterable[ProvisionedMember]
) -> tuple[list[str], list[str]]:
    """Give a group these members, and return whom it gained and whom it lost.

    Raises:
        InvalidValueException: a member is no resource of this tenant.

    """
    ids = {str(member.value) for member in members}
    rows = session.execute(
        select(ProvisionedResource.id, ProvisionedResource.principal).where(
            ProvisionedResource.tenant == row.tenant, ProvisionedResource.id.in_(ids)
        )
    ).all()
    if missing := ids - {each.id for each in rows}:
        raise InvalidValueException(detail=f"There is no resource {min(missing)[:60]!r}.")
    after = {each.principal for each in rows}
    before = {member.principal for member in _member_rows(session, row)}
    new_members, former_members = sorted(after - before), sorted(before - after)
    for principal in new_members:
        add_member(session, row.tenant, principal, row.principal)
    for principal in former_members:
        remove_member(session, row.tenant, principal, row.principal)
    return new_members, former_members


def remove_group(session: Session, row: ProvisionedResource) -> None:
    """Take all members out of a group, and the group out of others; its principal is kept away."""
    session.add(RemovedGroup(tenant=row.tenant, principal=row.principal))
    either = (GroupMember.group == row.principal) | (GroupMember.member == row.principal)
    memberships = session.scalars(
        select(GroupMember).where(GroupMember.tenant == row.tenant, either)
    )
    for membership in memberships.all():
        session.delete(membership)


def _member_rows(session: Session, row: ProvisionedResource) -> Sequence[ProvisionedResource]:
    statement = (
        select(ProvisionedResource)
        .join(
            GroupMember,
            (GroupMember.tenant == ProvisionedResource.tenant)
            & (GroupMember.member == ProvisionedResource.principal),
        )
        .where(
            GroupMember.tenant == row.tenant, GroupMember.group == row.principal,
            ProvisionedResource.kind.in_([USERS.name, GROUPS.name]),
        )
        .order_by(ProvisionedResource.created_at, ProvisionedResource.id)
    )  # fmt: skip
    return session.scalars(statement).all()
