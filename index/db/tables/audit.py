"""Tables: the audit log of each tenant, a chain of digests, and the chain's head."""

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, Key


class AuditRow(Base):
    """One act or read. Its digest covers every other column, and the digest of the row before."""

    __tablename__ = "audit_rows"
    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    sequence: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(32))
    """ISO 8601 in UTC, as text: its digest must not depend on how a database writes times."""
    actor: Mapped[str] = mapped_column(String(200))
    credential: Mapped[str] = mapped_column(String(200))
    act: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(1200))
    reason: Mapped[str] = mapped_column(String(500))
    details: Mapped[str] = mapped_column(Text)
    """JSON, as text, for the same reason as the time."""
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        Index("audit_rows_by_actor", "tenant", "actor", "sequence"),
        Index("audit_rows_by_object", "tenant", "object", "sequence"),
    )


class AuditHead(Base):
    """Where a tenant's chain ends, and where what is kept of it begins."""

    __tablename__ = "audit_heads"
    tenant: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    """The sequence number of the last row."""
    digest: Mapped[str] = mapped_column(String(64))
    """The digest of the last row."""
    pruned: Mapped[int] = mapped_column(BigInteger, default=0)
    """The sequence number of the last row that retention has deleted; 0 where there is none."""
    anchor: Mapped[str] = mapped_column(String(64))
    """The digest of that row."""
