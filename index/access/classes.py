"""Access: principals to classes. Who may read is decided here and nowhere else."""

import hashlib
import threading
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select
from sqlalchemy.orm import Session

from index.db.database import head_value, next_value
from index.db.tables.access import AccessClass, ClassPrincipal, GroupMember, Tenant
from index.db.tables.documents import Document
from index.types import AccessList, Scope, parse_principal

CACHED_SCOPES = 4096


def ensure_tenant(session: Session, tenant: str) -> None:
    """Make the tenant's row where it is missing."""
    if session.get(Tenant, tenant) is not None:
        return
    next_value(session, "access")  # its row lock lets one writer in at a time: look again
    if session.get(Tenant, tenant) is None:
        session.add(Tenant(id=tenant))
        session.flush()


def intern_class(session: Session, tenant: str, access: AccessList) -> int:
    """Return the key of the class for (tenant, allow, deny), making it where it is new."""
    fingerprint = _fingerprint(access)
    known = select(AccessClass.key).where(
        AccessClass.tenant == tenant, AccessClass.fingerprint == fingerprint
    )
    if (found := session.scalar(known)) is not None:
        return found
    ensure_tenant(session, tenant)
    next_value(session, "access")  # its row lock lets one writer in at a time: look again
    if (found := session.scalar(known)) is not None:
        return found
    row = AccessClass(tenant=tenant, fingerprint=fingerprint)
    session.add(row)
    session.flush()
    session.add_all(
        ClassPrincipal(class_key=row.key, tenant=tenant, principal=principal, denied=denied)
        for principals, denied in ((access.allow, False), (access.deny, True))
        for principal in sorted(principals)
    )
    session.flush()
    return row.key


def access_list_of(session: Session, class_key: int) -> AccessList:
    """Return the allow and deny sets of a class."""
    rows = session.scalars(
        select(ClassPrincipal).where(ClassPrincipal.class_key == class_key)
    ).all()
    return AccessList(
        allow=frozenset(row.principal for row in rows if not row.denied),
        deny=frozenset(row.principal for row in rows if row.denied),
    )


def readable_classes(session: Session, scope: Scope) -> frozenset[int]:
    """Return the classes the scope may read: allowed by one principal, denied by none."""
    rows = session.execute(
        select(ClassPrincipal.class_key, ClassPrincipal.denied).where(
            ClassPrincipal.tenant == scope.tenant,
            ClassPrincipal.principal.in_(sorted(scope.principals)),
        )
    ).all()
    allowed = {key for key, denied in rows if not denied}
    return frozenset(allowed - {key for key, denied in rows if denied})


def readable(scope: Scope) -> ColumnElement[bool]:
    """Return the SQL condition that a row of ``documents`` may be read by the scope."""
    return _may_read(scope.tenant, sorted(scope.principals))


def _may_read(tenant: Any, principals: Any) -> ColumnElement[bool]:
    held = [ClassPrincipal.tenant == tenant, ClassPrincipal.principal.in_(principals)]
    allowed = select(ClassPrincipal.class_key).where(*held, ClassPrincipal.denied.is_(False))
    denied = select(ClassPrincipal.class_key).where(*held, ClassPrincipal.denied.is_(True))
    # coalesce() keeps SQLite from starting at the index on tenant, which walks all its documents
    return and_(
        func.coalesce(Document.tenant, "") == tenant,
        Document.class_key.in_(allowed),
        Document.class_key.not_in(denied),
    )


READABLE = _may_read(bindparam("scope_tenant"), bindparam("scope_principals", expanding=True))
"""``readable`` for statements that are made once; ``scope_values`` fills in whose rights count."""


def scope_values(scope: Scope) -> dict[str, Any]:
    """Return the parameters of a statement with ``READABLE`` in it."""
    return {"scope_tenant": scope.tenant, "scope_principals": sorted(scope.principals)}


class ScopeCache:
    """Readable classes by (tenant, principals), forgotten when a class is added.

    A class never changes once it is interned, so the access epoch (the number of classes ever
    made) is all that can make an entry stale.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._epoch = -1
        self._classes: dict[Scope, NDArray[np.int64]] = {}

    def readable_classes(self, session: Session, scope: Scope) -> NDArray[np.int64]:
        """Return the sorted ``readable_classes`` as of the session's moment."""
        epoch = head_value(session, "access")
        with self._lock:
            if epoch == self._epoch and scope in self._classes:
                return self._classes[scope]
        found = np.array(sorted(readable_classes(session, scope)), dtype=np.int64)
        with self._lock:
            if epoch > self._epoch or len(self._classes) >= CACHED_SCOPES:
                self._epoch, self._classes = max(epoch, self._epoch), {}
            if epoch == self._epoch:
                self._classes[scope] = found
        return found


def groups_of(session: Session, tenant: str, *members: str) -> set[str]:
    """Return the groups that any of the members was registered in, nested groups included."""
    found: set[str] = set()
    frontier = set(members)
    while frontier:
        rows = session.scalars(_GROUPS, {"tenant": tenant, "members": sorted(frontier)})
        frontier = set(rows) - found
        found |= frontier
    return found


_GROUPS = select(GroupMember.group).where(
    GroupMember.tenant == bindparam("tenant"),
    GroupMember.member.in_(bindparam("members", expanding=True)),
)


def add_member(session: Session, tenant: str, member: str, group: str) -> None:
    """Put a user or a group into a group; harmless when it is there already."""
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


def _fingerprint(access: AccessList) -> str:
    text = _joined(access.allow) + "\x00\x00" + _joined(access.deny)
    return hashlib.sha256(text.encode()).hexdigest()


def _joined(principals: Iterable[str]) -> str:
    return "\x00".join(sorted(principals))
