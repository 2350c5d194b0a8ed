"""Tables: tenants, identities, groups, API keys, access classes and the read log."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from index.db.row_seals import Sealed
from index.db.tables.base import Base, Key, utc_now


class Tenant(Sealed, Base):
    """A hard wall: nothing crosses it."""

    __tablename__ = "tenants"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The name that operators read; empty once the tenant is deleted."""
    state: Mapped[str] = mapped_column(String(12), default="active", server_default="active")
    """``active``, ``suspended``, ``deleting`` or ``deleted``."""
    disk_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes of original files the tenant may store; none means no limit."""
    document_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Documents that the tenant may have; none means no limit."""
    job_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Jobs that may wait or run; none means the service's own cap."""
    ask_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Asks a day (UTC); none means no limit."""
    evaluation_quota: Mapped[int | None] = mapped_column(BigInteger)
    """Evaluations that may wait or run; none means the service's own cap."""
    deletion: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The receipt of a tenant that is deleted: when, and how much was there."""
    screening: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """The action for findings of each kind, where it differs from the installation's."""
    publishing: Mapped[str | None] = mapped_column(String(8))
    """To whom readers may publish: ``own`` or ``open``; none means as the installation says."""


class Identity(Sealed, Base):
    """An external identity and the user it maps to; never matched by e-mail."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The name that the issuer gives; shown, and never compared."""
    groups: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The groups of the newest claims, where the settings name a claim for them."""
    role: Mapped[str] = mapped_column(String(20), default="reader", server_default="reader")
    """The role of the newest claims."""
    claimed_at: Mapped[datetime | None]
    """When the issuer made the newest claims."""


class GroupMember(Sealed, Base):
    """A user's membership of a group; both are principals."""

    __tablename__ = "group_members"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    member: Mapped[str] = mapped_column(String(200), primary_key=True)
    group: Mapped[str] = mapped_column(String(1200), primary_key=True)


class Contributor(Sealed, Base):
    """Somebody who may publish to an audience without being in it."""

    __tablename__ = "contributors"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    member: Mapped[str] = mapped_column(String(200), primary_key=True)
    """A user, or a group: all that are in it."""
    audience: Mapped[str] = mapped_column(String(1200), primary_key=True)
    """A group, or ``tenant:all``."""


class ApiKey(Sealed, Base):
    """A key that was handed out once; only its hash is kept."""

    __tablename__ = "api_keys"
    UNSEALED: ClassVar = {"last_used_at": "a stamp of each minute, written beside the mapper"}
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user: Mapped[str] = mapped_column(String(200))
    groups: Mapped[list[str]]
    role: Mapped[str] = mapped_column(String(20))
    """``reader``, ``contributor``, ``evaluator``, ``curator``, ``admin`` or ``operator``."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]
    scopes: Mapped[str] = mapped_column(String(100), default="", server_default="")
    """The scopes, separated by spaces; none means all that the role has."""
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    """To the minute."""
    made_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The actor who made the key; nothing where it was made before this was recorded."""
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    """The reason that its maker gave."""
    successor: Mapped[str | None] = mapped_column(String(40))
    """The key that took its place."""


class AccessClass(Base):
    """One distinct (tenant, allow, deny); documents that share it share a slab."""

    __tablename__ = "access_classes"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    changed_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last change that touched a document of this class: the class's version."""
    __table_args__ = (UniqueConstraint("tenant", "fingerprint"),)


class ClassPrincipal(Base):
    """A principal in a class's allow set or deny set."""

    __tablename__ = "class_principals"
    class_key: Mapped[int] = mapped_column(ForeignKey("access_classes.key"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(1200), primary_key=True)
    denied: Mapped[bool] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    __table_args__ = (Index("class_principals_by_principal", "tenant", "principal"),)


class AccessEvent(Base):
    """Who changed a document's access, and how; it outlives the document."""

    __tablename__ = "access_events"
    key: Mapped[int] = mapped_column(Key, primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    actor: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[str] = mapped_column(String(40), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
