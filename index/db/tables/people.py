"""Tables: people whose state somebody manages, their sessions, what SCIM provisions and removed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from index.db.row_seals import Sealed
from index.db.tables.base import Base, utc_now


class PersonRow(Sealed, Base):
    """A person whom an issuer or an administrator has registered or suspended.

    Who has a key alone needs no row; without one, a person is active.
    """

    __tablename__ = "people"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    user: Mapped[str] = mapped_column(String(200), primary_key=True)
    """The principal ``user:<id>``; it never changes and is never given to anybody else."""
    suspended_at: Mapped[datetime | None]
    """Since when nothing opens for this person; none where they are active."""
    suspended_by: Mapped[str | None] = mapped_column(String(16))
    """``administrator`` or ``provider``; none where that was not recorded."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class SessionRow(Base):
    """A browser in which somebody signed in; only the hash of its cookie is kept."""

    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The credential's name, for logs and the audit log."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    user: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime] = mapped_column(default=utc_now)
    """The last request, to the minute."""
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["issuer", "subject"], ["identities.issuer", "identities.subject"]),
        Index("sessions_by_user", "tenant", "user"),
        Index("sessions_by_expiry", "expires_at"),
    )


class ProvisionedResource(Sealed, Base):
    """A person or a group that an identity provider manages by SCIM."""

    __tablename__ = "scim_resources"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(String(8))
    """``User`` or ``Group``."""
    name: Mapped[str] = mapped_column(String(1000))
    """The name by which the provider looks for it, in small letters: unique within its kind."""
    external_id: Mapped[str | None] = mapped_column(String(255))
    """The provider's own id."""
    principal: Mapped[str] = mapped_column(String(1200))
    """Who it is in access lists; it stays when the name changes."""
    body: Mapped[dict[str, Any]]
    """The attributes, without those that are derived."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    __table_args__ = (
        UniqueConstraint("tenant", "kind", "name"),
        UniqueConstraint("tenant", "principal"),
        Index("scim_resources_by_external_id", "tenant", "kind", "external_id"),
    )


class RemovedGroup(Sealed, Base):
    """The principal of a group that an identity provider has deleted; no other group gets it."""

    __tablename__ = "removed_groups"
    tenant: Mapped[str] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    principal: Mapped[str] = mapped_column(String(1200), primary_key=True)
    removed_at: Mapped[datetime] = mapped_column(default=utc_now)
