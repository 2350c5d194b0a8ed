"""Delete a tenant with all that it has, and leave a receipt; a run that ends early is resumed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from api.errors import InvalidRequestError
from api.tenants.life_cycle import require_tenant, take_leases
from index.access.tenants import count_documents
from index.author import Author
from index.db.audit_chain import record_act
from index.db.database import next_value
from index.db.tables.access import AccessEvent
from index.db.tables.audit import AuditHead, AuditRow
from index.db.tables.base import Base, utc_now
from index.db.tables.documents import Document
from index.db.tables.jobs import Job
from index.library import Library
from index.types import DEFAULT_TENANT, Scope
from ingest.errors import HeldError
from ingest.lifecycle.deletion_receipt import IndexRows, erase_rows, opened_originals
from ingest.lifecycle.management import erase
from ingest.partial_files import blobs_of_parts

KEPT = (AuditRow.__tablename__, AuditHead.__tablename__)

BY_OPERATOR = "operator"
"""Who deletes, in the log of access changes."""


@dataclass(frozen=True, slots=True)
class TenantReceipt:
    """Counts of what a tenant had, and of everything that is left of it."""

    tenant: str
    deleted_at: str
    """ISO 8601, in UTC."""
    documents: int
    """Documents that were ever deleted, by this deletion or before it."""
    deleted_rows: dict[str, int]
    """Rows that were deleted at the end, by table: keys, groups, answers and others."""
    rows: int
    """Rows of the tenant that are left in any table, its own line and the audit log aside."""
    originals: int
    """Original files that can still be opened."""
    searchable: int
    """Live rows of its documents in this process's index."""
    published: int
    """Live rows of its documents in snapshots."""
    buried: int
    """Dead rows in memory and in snapshots."""
    waiting: int
    """Processes that have not confirmed yet that their index holds nothing of it."""

    @property
    def is_erased(self) -> bool:
        """Nothing of it is left in tables, originals, memory or snapshots."""
        left = (self.rows, self.originals, self.searchable, self.published, self.buried)
        return not (any(left) or self.waiting)


def delete_tenant(
    library: Library,
    tenant: str,
    progress: Callable[[int], None] = lambda _left: None,
    *,
    author: Author | None = None,
) -> TenantReceipt:
    """Delete a tenant and return the receipt; ``progress`` is told how many documents are left.

    From the first moment on nothing of the tenant is served. What is done stays done: to delete
    again goes on where the last run ended, and looks again at a tenant that is deleted.

    Raises:
        NotFoundError: there is no such tenant.
        InvalidRequestError: it is the default tenant.
        HeldError: documents of it are under a legal hold; nothing has been deleted.

    """
    if tenant == DEFAULT_TENANT:
        raise InvalidRequestError("The default tenant stays. Delete its documents instead.")
    _begin(library, tenant, author)
    keys: set[int] = set()
    while (deleted := _delete_next(library, tenant)) is not None:
        keys.add(deleted.key)
        progress(deleted.left)
    with library.database.read() as session:
        keys.update(session.scalars(select(Job.document_key).where(Job.tenant == tenant)))
        blobs = _deleted_blobs(session, tenant) + blobs_of_parts(session, tenant)
    for blob in blobs:  # a run that was stopped may have left some
        library.blobs.delete(blob)
    index_rows = erase_rows(library, sorted(keys))
    return _end(library, tenant, index_rows, opened_originals(library.blobs, blobs))


def _begin(library: Library, tenant: str, author: Author | None) -> None:
    with library.database.write(author) as session:
        row = require_tenant(session, tenant, is_locked=True)
        holds = select(func.count()).where(Document.tenant == tenant, Document.hold.is_not(None))
        if hold_count := session.scalar(holds):
            raise HeldError(
                f"{hold_count:,} documents of the tenant are under a legal hold. Lift it."
            )
        row.state = "deleting"
        record_act(session, tenant, "tenant-delete", tenant)
        take_leases(session, tenant)
        session.execute(
            update(Job)
            .where(Job.tenant == tenant, Job.state == "queued")
            .values(state="cancelled", reason="The tenant was deleted.", updated_at=utc_now())
        )


@dataclass(frozen=True, slots=True)
class _DeletedDocument:
    """The key that a deleted document had, and how many of the tenant are left."""

    key: int
    left: int


def _delete_next(library: Library, tenant: str) -> _DeletedDocument | None:
    """Delete one document; none where there is none."""
    with library.database.write() as session:
        document = session.scalar(
            select(Document).where(Document.tenant == tenant).limit(1).with_for_update()
        )
        if document is None:
            return None
        key, scope = document.key, Scope.of(tenant, [])
        blobs = erase(session, document, scope=scope, actor=BY_OPERATOR, action="delete")
        left = count_documents(session, tenant)
    for blob in blobs:
        library.blobs.delete(blob)
    return _DeletedDocument(key, left)


def _deleted_blobs(session: Session, tenant: str) -> list[str]:
    events = session.scalars(select(AccessEvent.before).where(AccessEvent.tenant == tenant))
    return [blob for before in events for blob in before.get("blobs", [])]


def _end(library: Library, tenant: str, index_rows: IndexRows, originals: int) -> TenantReceipt:
    """Delete the rows that are left, and keep the receipt in the tenant's own."""
    with library.database.write() as session:
        row = require_tenant(session, tenant, is_locked=True)
        before = dict(row.deletion)
        documents = session.scalar(
            select(func.count()).where(
                AccessEvent.tenant == tenant, AccessEvent.action.in_(("delete", "expire", "reject"))
            )
        )
        deleted_rows = {table.name: _delete_rows(session, table, tenant) for table in _tables()}
        next_value(session, "access")  # access classes are gone: no process keeps them in memory
        receipt = TenantReceipt(
            tenant=tenant,
            deleted_at=before.get("deleted_at", utc_now().isoformat()),
            documents=before.get("documents", 0) + (documents or 0),
            deleted_rows={
                name: before.get("deleted_rows", {}).get(name, 0) + count
                for name, count in deleted_rows.items()
            },
            rows=sum(_count_rows(session, table, tenant) for table in _tables()),
            originals=originals,
            **asdict(index_rows),
        )
        row.state, row.name, row.screening, row.deletion = "deleted", "", {}, asdict(receipt)
    return receipt


def _tables() -> list[Table]:
    """Return every table whose rows name their tenant, those first that refer to others.

    The audit log stays for as long as it is kept: it is the proof of who deleted the tenant.
    """
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if "tenant" in table.c and table.name not in KEPT
    ]


def _delete_rows(session: Session, table: Table, tenant: str) -> int:
    return session.connection().execute(delete(table).where(table.c.tenant == tenant)).rowcount


def _count_rows(session: Session, table: Table, tenant: str) -> int:
    return session.scalar(select(func.count()).where(table.c.tenant == tenant)) or 0
