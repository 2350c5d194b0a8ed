"""Retention of the audit log: the oldest rows go, and a row in the chain says up to where."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from index.audit.verification import PRUNE, tenants_with_audit
from index.author import Author
from index.db.audit_chain import lock_head, record_act
from index.db.database import Database
from index.db.tables.audit import AuditHead, AuditRow
from index.db.tables.base import utc_now


def prune_audit(
    database: Database, days: int, *, author: Author | None = None, now: datetime | None = None
) -> int:
    """Delete the rows that are older than so many days; return how many. 0 days keeps them all."""
    if not days:
        return 0
    limit = ((now or utc_now()) - timedelta(days=days)).isoformat(timespec="milliseconds")
    return sum(_prune(database, name, limit, author) for name in tenants_with_audit(database))


def _prune(database: Database, tenant: str, limit: str, author: Author | None) -> int:
    """Delete a chain's beginning in one transaction with the checkpoint row."""
    oldest = select(AuditRow.at).where(AuditRow.tenant == tenant).order_by(AuditRow.sequence)
    with database.read() as session:
        oldest_at = session.scalar(oldest.limit(1))
    if oldest_at is None or oldest_at >= limit:
        return 0
    with database.write(author) as session:
        head = lock_head(session.connection(), tenant)
        of_tenant = AuditRow.tenant == tenant
        youngest = select(func.min(AuditRow.sequence)).where(of_tenant, AuditRow.at >= limit)
        first_kept = session.scalar(youngest)
        through = head.count if first_kept is None else first_kept - 1
        if through <= head.pruned:
            return 0
        digest = session.scalar(
            select(AuditRow.digest).where(of_tenant, AuditRow.sequence == through)
        )
        session.execute(delete(AuditRow).where(of_tenant, AuditRow.sequence <= through))
        session.execute(
            update(AuditHead)
            .where(AuditHead.tenant == tenant)
            .values(pruned=through, anchor=digest or "")
        )
        record_act(session, tenant, PRUNE, through=through, digest=digest, before=limit)
        return int(through - head.pruned)
