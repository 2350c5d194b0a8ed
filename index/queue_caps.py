"""Caps of a queue: how much of one person's and one tenant's may be in it at once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from index.access.tenants import Quota
from index.errors import QueueFullError
from index.types import Actor


@dataclass(frozen=True, slots=True)
class QueueCaps:
    """The caps of one queue; 0 means no cap."""

    person: int = 0
    tenant: int = 0

    def check(
        self,
        session: Session,
        actor: Actor,
        table: type[DeclarativeBase],
        owner: InstrumentedAttribute[str],
        *waits: ColumnElement[bool],
        remedy: str,
        quota: Quota | None = None,
    ) -> None:
        """Check that the actor may put one more row into a table that is a queue.

        Args:
            session: holds the write lock, or that of the tenant, so that no two count at once.
            actor: who adds.
            table: the queue; its rows have a ``tenant``.
            owner: the column that names whose a row is.
            waits: the condition that a row counts.
            remedy: what a person can do.
            quota: the tenant's own, which takes the place of the cap where the tenant has one.

        Raises:
            QueueFullError: the person or the tenant has as many rows there as are permitted.

        """
        columns: Any = table
        in_tenant = (columns.tenant == actor.scope.tenant, *waits)
        if self.person and _count(session, table, owner == actor.owner, *in_tenant) >= self.person:
            raise QueueFullError(f"You have {self.person:,} of these, which is the most. {remedy}")
        if quota is not None and (most := quota.of(session, actor.scope.tenant)) is not None:
            if _count(session, table, *in_tenant) >= most:
                raise QueueFullError(
                    f"Your tenant's quota of {most:,} {quota.name} is used up. {remedy} Or ask "
                    "the operator for a larger quota."
                )
        elif self.tenant and _count(session, table, *in_tenant) >= self.tenant:
            raise QueueFullError(
                f"Your tenant has {self.tenant:,} of these, which is the most. Wait for others to "
                f"be done. {remedy}"
            )


UNCAPPED = QueueCaps()


def _count(session: Session, table: type[DeclarativeBase], *conditions: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(table).where(*conditions)
    return session.scalar(statement) or 0
