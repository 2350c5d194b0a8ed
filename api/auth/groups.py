"""Group membership as administrators see it."""

from dataclasses import dataclass

from sqlalchemy import select

from api.auth.api_keys import as_group
from index.access.classes import add_member, remove_member
from index.db.database import Database
from index.db.tables.access import GroupMember
from index.types import parse_principal


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member and the group it is in."""

    member: str
    group: str


def join_group(database: Database, tenant: str, member: str, group: str) -> MemberView:
    """Put a user or a group into a group; ``hr/all`` means ``group:hr/all``."""
    view = MemberView(parse_principal(member), as_group(group))
    with database.write() as session:
        add_member(session, tenant, view.member, view.group)
    return view


def leave_group(database: Database, tenant: str, member: str, group: str) -> MemberView:
    """Take a member out of a group; harmless when it is not in it."""
    view = MemberView(parse_principal(member), as_group(group))
    with database.write() as session:
        remove_member(session, tenant, view.member, view.group)
    return view


def list_members(database: Database, tenant: str) -> list[MemberView]:
    """Return every membership of a tenant, in order of group and member."""
    with database.read() as session:
        rows = session.scalars(
            select(GroupMember)
            .where(GroupMember.tenant == tenant)
            .order_by(GroupMember.group, GroupMember.member)
        )
        return [MemberView(row.member, row.group) for row in rows]
