"""Tables: the change log, its head, secrets and settings of the store."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from index.db.tables.base import Base, Key, utc_now


class ChangeLogEntry(Base):
    """One committed change to what is searchable; ``seq`` has no holes and no latecomers."""

    __tablename__ = "changes"
    seq: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    document_key: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    """``put``, ``access`` or ``delete``."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Head(Base):
    """Named counters, each behind one row lock that is held to commit."""

    __tablename__ = "heads"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class RunningProcess(Base):
    """A process that holds an index, in its memory and in the files of its data folder."""

    __tablename__ = "processes"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    """``service`` or ``worker``."""
    erased_seq: Mapped[int] = mapped_column(BigInteger)
    """Nothing that was deleted up to this number of the change log is left in its index."""
    seen_at: Mapped[datetime]


class Secret(Base):
    """Random values made once for this store, such as the key that names snapshots."""

    __tablename__ = "secrets"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes]


class StoreSetting(Base):
    """A choice of this store for all its processes, such as the embedding model in use."""

    __tablename__ = "store_settings"
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(String(1000))
