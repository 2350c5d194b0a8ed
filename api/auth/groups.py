"""Group membership as administrators see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.api_keys import as_group
from index.access.classes import add_member, lock_tenant, remove_member
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import GroupMember
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.types import parse_principal


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member and the group it is in."""

    member: str
    group: str


def join_group(
    database: Database,
    tenant: str,
    member: str,
    group: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> MemberView:
    """Put a user or a group into a group; ``hr/all`` means ``group:hr/all``.

    Raises:
        PreconditionFailedError: the memberships are others than the change is meant for.

    """
    view = MemberView(parse_principal(member), as_group(group))
    with _locked_members(database, tenant, precondition, author) as session:
        add_member(session, tenant, view.member, view.group)
        record_act(session, tenant, "group-add", view.group, member=view.member)
    return view


def leave_group(
    database: Database,
    tenant: str,
    member: str,
    group: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
    author: Author | None = None,
) -> MemberView:
    """Take a member out of a group; harmless when it is not in it.

    Raises:
        PreconditionFailedError: the memberships are others than the change is meant for.

    """
    view = MemberView(parse_principal(member), as_group(group))
    with _locked_members(database, tenant, precondition, author) as session:
        remove_member(session, tenant, view.member, view.group)
        record_act(session, tenant, "group-remove", view.group, member=view.member)
    return view


@contextmanager
def _locked_members(
    database: Database, tenant: str, precondition: Precondition, author: Author | None
) -> Iterator[Session]:
    """Open a transaction in which nobody else changes the tenant's memberships."""
    with database.write(author) as session:
        lock_tenant(session, tenant)
        precondition.check(lambda: entity_tag(_members(session, tenant)))
        yield session


def list_members(database: Database, tenant: str) -> list[MemberView]:
    """Return every membership of a tenant, in order of group and member."""
    with database.read() as session:
        return _members(session, tenant)


def _members(session: Session, tenant: str) -> list[MemberView]:
    rows = session.scalars(
        select(GroupMember)
        .where(GroupMember.tenant == tenant)
        .order_by(GroupMember.group, GroupMember.member)
    )
    return [MemberView(row.member, row.group) for row in rows]
