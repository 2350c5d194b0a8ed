"""Who changed access to a document, and how: rows written in the transaction that makes the change.

They show a document's history. The audit log, the chain of all acts, gets a row of each too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.audit_chain import record_act
from index.db.tables.access import AccessEvent
from index.types import AccessList, Scope


@dataclass(frozen=True, slots=True)
class AccessChange:
    """One change of who may read a document."""

    at: str
    actor: str
    action: str
    """``upload``, ``access``, ``mark``, ``unmark``, ``release``, ``reject``, ``expire`` or
    ``delete``."""
    document_id: str
    before: dict[str, list[str]] | None
    after: dict[str, list[str]] | None


def record_access_change(
    session: Session,
    *,
    scope: Scope,
    actor: str,
    action: str,
    document_id: str,
    before: AccessList | None = None,
    after: AccessList | None = None,
    blobs: Sequence[str] = (),
) -> None:
    """Record a change in the transaction that makes it; for a deletion also the blobs to remove."""
    session.add(
        AccessEvent(
            tenant=scope.tenant,
            actor=actor,
            action=action,
            document_id=document_id,
            before={**_as_json(before), **({"blobs": list(blobs)} if blobs else {})},
            after=_as_json(after),
        )
    )
    record_act(
        session, scope.tenant, f"document-{action}", document_id, actor=actor,
        before=_as_json(before) or None, after=_as_json(after) or None,
    )  # fmt: skip


def access_changes(session: Session, tenant: str, document_id: str) -> list[AccessChange]:
    """Return a document's changes of access, oldest first; they outlive the document."""
    rows = session.scalars(
        select(AccessEvent)
        .where(AccessEvent.tenant == tenant, AccessEvent.document_id == document_id)
        .order_by(AccessEvent.key)
    )
    return [
        AccessChange(
            row.at.isoformat(), row.actor, row.action, row.document_id,
            _lists(row.before), _lists(row.after),
        )
        for row in rows
    ]  # fmt: skip


def _lists(recorded: dict[str, Any]) -> dict[str, list[str]] | None:
    return {name: recorded[name] for name in ("allow", "deny") if name in recorded} or None


def _as_json(access: AccessList | None) -> dict[str, Any]:
    if access is None:
        return {}
    return {"allow": sorted(access.allow), "deny": sorted(access.deny)}
