"""Resolve principals to access classes: deny wins over allow, and tenants are walls.

Who may read is decided here. ``AccessList.admits`` is the same rule in memory, for evaluations.
"""

import hashlib
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, bindparam, delete, select
from sqlalchemy.orm import Session

from index.db.batched import batched
from index.db.database import head_value, next_value
from index.db.tables.access import AccessClass, ClassPrincipal, GroupMember, Tenant
from index.db.tables.collections import Collection
from index.db.tables.documents import Document
from index.db.unindexed import Unindexed
from index.types import AccessList, Scope, parse_principal

CLASSES = 1000
"""Classes in one statement."""

CACHED_SCOPES = 4096
"""Scopes whose readable classes are kept in memory."""


def ensure_tenant(session: Session, tenant: str) -> None:
    """Make the tenant's row if there is none."""
    if session.get(Tenant, tenant) is not None:
        return
    next_value(session, "access")  # the row lock lets one writer in at a time: look again
    if session.get(Tenant, tenant) is None:
        session.add(Tenant(id=tenant))
        session.flush()


def lock_tenant(session: Session, tenant: str) -> Tenant:
    """Return the tenant's row, locked until commit, as it is now; make it if there is none.

    Whoever reads a tenant's rows and then writes what follows from them takes this lock first.
    """
    ensure_tenant(session, tenant)
    statement = select(Tenant).where(Tenant.id == tenant).with_for_update(key_share=True)
    current_row = statement.execution_options(populate_existing=True)
    return session.scalars(
        current_row
    ).one()  # foreign keys to the tenant may still be checked meanwhile


def intern_class(session: Session, tenant: str, access: AccessList) -> int:
    """Return the key of the class for (tenant, allow, deny); make the class if there is none."""
    digest = fingerprint(access)
    same_list = select(AccessClass.key).where(
        AccessClass.tenant == tenant, AccessClass.fingerprint == digest
    )
    if (existing_key := session.scalar(same_list)) is not None:
        return existing_key
    ensure_tenant(session, tenant)
    next_value(session, "access")  # the row lock lets one writer in at a time: look again
    if (existing_key := session.scalar(same_list)) is not None:
        return existing_key
    row = AccessClass(tenant=tenant, fingerprint=digest)
    session.add(row)
    session.flush()
    session.add_all(
        ClassPrincipal(class_key=row.key, tenant=tenant, principal=principal, denied=is_denied)
        for principals, is_denied in ((access.allow, False), (access.deny, True))
        for principal in sorted(principals)
    )
    session.flush()
    return row.key


def access_list_of(session: Session, class_key: int) -> AccessList:
    """Return the allow and deny sets of a class."""
    return access_lists_of(session, [class_key])[class_key]


def access_lists_of(session: Session, class_keys: Iterable[int]) -> dict[int, AccessList]:
    """Return the allow and deny sets of some classes, by their keys."""
    lists: dict[int, tuple[set[str], set[str]]] = {key: (set(), set()) for key in class_keys}
    for keys in batched(sorted(lists), CLASSES):
        rows = session.execute(
            select(ClassPrincipal.class_key, ClassPrincipal.principal, ClassPrincipal.denied).where(
                ClassPrincipal.class_key.in_(keys)
            )
        )
        for key, principal, is_denied in rows:
            lists[key][is_denied].add(principal)
    return {
        key: AccessList(allow=frozenset(allow), deny=frozenset(deny))
        for key, (allow, deny) in lists.items()
    }


def readable_classes(session: Session, scope: Scope) -> frozenset[int]:
    """Return the classes the scope may read: allowed by one principal, denied by none."""
    rows = session.execute(
        select(ClassPrincipal.class_key, ClassPrincipal.denied).where(
            ClassPrincipal.tenant == scope.tenant,
            ClassPrincipal.principal.in_(sorted(scope.principals)),
        )
    ).all()
    allowing = {key for key, is_denied in rows if not is_denied}
    return frozenset(allowing - {key for key, is_denied in rows if is_denied})


def readable(scope: Scope) -> ColumnElement[bool]:
    """Return the SQL condition that a row of ``documents`` may be read by the scope."""
    return _may_read(scope.tenant, sorted(scope.principals))


def visible(scope: Scope) -> ColumnElement[bool]:
    """Return the SQL condition that a row of ``collections`` may be seen by the scope.

    It says nothing of the documents in the collection: each has an access class of its own.
    """
    return _may_read(scope.tenant, sorted(scope.principals), Collection)


def _may_read(
    tenant: Any, principals: Any, table: type[Document] | type[Collection] = Document
) -> ColumnElement[bool]:
    of_scope = [ClassPrincipal.tenant == tenant, ClassPrincipal.principal.in_(principals)]
    allowing = select(ClassPrincipal.class_key).where(*of_scope, ClassPrincipal.denied.is_(False))
    denying = select(ClassPrincipal.class_key).where(*of_scope, ClassPrincipal.denied.is_(True))
    return and_(
        Unindexed(table.tenant) == tenant,
        table.class_key.in_(allowing),
        table.class_key.not_in(denying),
    )


READABLE = _may_read(bindparam("scope_tenant"), bindparam("scope_principals", expanding=True))
"""The condition ``readable`` for statements that are made once; ``scope_values`` has its values."""


def scope_values(scope: Scope) -> dict[str, Any]:
    """Return the parameters of a statement with ``READABLE`` in it."""
    return {"scope_tenant": scope.tenant, "scope_principals": sorted(scope.principals)}


class ScopeCache:
    """Keeps the readable classes of each scope until a class is added.

    A class never changes once it is interned. So an entry becomes stale only when the access
    epoch, the number of classes ever made, grows.
    """

    def __init__(self, *, limit: int = CACHED_SCOPES) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._epoch = -1
        self._classes: dict[Scope, NDArray[np.int64]] = {}

    def readable_classes(
        self, session: Session, scope: Scope, epoch: int | None = None
    ) -> NDArray[np.int64]:
        """Return the sorted ``readable_classes`` as of the session's moment.

        ``epoch`` is the access epoch of that moment, where the caller has read it.
        """
        epoch = head_value(session, "access") if epoch is None else epoch
        with self._lock:
            if epoch == self._epoch and scope in self._classes:
                return self._classes[scope]
        classes = np.array(sorted(readable_classes(session, scope)), dtype=np.int64)
        with self._lock:
            if epoch > self._epoch or len(self._classes) >= self._limit:
                self._epoch, self._classes = max(epoch, self._epoch), {}
            if epoch == self._epoch:
                self._classes[scope] = classes
        return classes


def groups_of(session: Session, tenant: str, *members: str) -> set[str]:
    """Return the groups that any of the members is registered in, nested groups included."""
    groups: set[str] = set()
    frontier = set(members)
    while frontier:
        rows = session.scalars(_GROUPS, {"tenant": tenant, "members": sorted(frontier)})
        frontier = set(rows) - groups
        groups |= frontier
    return groups


_GROUPS = select(GroupMember.group).where(
    GroupMember.tenant == bindparam("tenant"),
    GroupMember.member.in_(bindparam("members", expanding=True)),
)


def add_member(session: Session, tenant: str, member: str, group: str) -> None:
    """Put a user or a group into a group; do nothing if it is a member already."""
    ensure_tenant(session, tenant)
    key = {"tenant": tenant, "member": parse_principal(member), "group": parse_principal(group)}
    if session.get(GroupMember, key) is None:
        session.add(GroupMember(**key))


def remove_member(session: Session, tenant: str, member: str, group: str) -> None:
    """Take a member out of a group; the next request sees it."""
    session.execute(
        delete(GroupMember).where(
            GroupMember.tenant == tenant, GroupMember.member == member, GroupMember.group == group
        )
    )


def fingerprint(access: AccessList) -> str:
    """Return the digest by which an access list's class is found."""
    text = _join_principals(access.allow) + "\x00\x00" + _join_principals(access.deny)
    return hashlib.sha256(text.encode()).hexdigest()


def _join_principals(principals: Iterable[str]) -> str:
    return "\x00".join(sorted(principals))
