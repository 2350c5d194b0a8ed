"""The audit log: acts are rows, each with the digest of the row before, one chain for each tenant.

An act is recorded in the transaction that carries it out. The rows are written last, just before
the commit, so that the lock on the chain's head is the last one that a transaction takes: writers
wait for each other there, and never in a circle.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from index.author import SERVICE, Author
from index.db.tables.audit import AuditHead, AuditRow
from index.db.tables.base import utc_now

GENESIS = "0" * 64
"""The digest before the first row."""

MOST_DETAILS = 8000
"""Characters of an act's details; longer ones are replaced by their digest."""

_PENDING = "acts"
_AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done or read."""

    tenant: str
    author: Author
    act: str
    """The verb of what was done, such as ``key-create``; the documentation lists all."""
    object: str = ""
    """The id of what it was done to."""
    details: str = "{}"
    at: str = ""
    """When; empty where it is the moment of the commit."""


def set_author(session: Session, author: Author | None) -> None:
    """Name who carries out this transaction."""
    session.info[_AUTHOR] = author or SERVICE


def author_of(session: Session) -> Author:
    """Return who carries out this transaction."""
    author: Author = session.info.get(_AUTHOR, SERVICE)
    return author


def record_act(
    session: Session,
    tenant: str,
    act: str,
    subject: str = "",
    *,
    actor: str | None = None,
    **details: Any,
) -> None:
    """Record an act with this transaction: both are committed, or neither.

    ``actor`` names somebody else than the transaction's author. Give ids, names and counts as
    details: never a secret, a question or a document's text.
    """
    author = author_of(session)
    if actor is not None and actor != author.actor:
        author = Author(actor, author.credential, author.reason)
    pending: list[Act] = session.info.setdefault(_PENDING, [])
    pending.append(Act(tenant, author, act, subject, as_details(details)))


def append_pending(session: Session) -> None:
    """Append what this transaction recorded to the chains; call it last before the commit."""
    pending: list[Act] = session.info.pop(_PENDING, [])
    if not pending:
        return
    session.flush()
    for tenant in sorted({act.tenant for act in pending}):
        append(session, tenant, [act for act in pending if act.tenant == tenant])


def append(session: Session, tenant: str, acts: Sequence[Act]) -> None:
    """Append rows to a tenant's chain, whose head stays locked until the commit."""
    connection = session.connection()
    head = lock_head(connection, tenant)
    count, previous, rows = head.count, head.digest, []
    for act in acts:
        count += 1
        row = _row(act, count, previous)
        rows.append(row)
        previous = row["digest"]
    connection.execute(insert(AuditRow), rows)
    connection.execute(_MOVE_HEAD, {"of": tenant, "to": count, "last": previous})


def lock_head(connection: Connection, tenant: str) -> Any:
    """Return the head of a tenant's chain, locked; make it where there is none."""
    statement = select(AuditHead.__table__).where(AuditHead.tenant == tenant).with_for_update()
    head = connection.execute(statement).first()
    if head is None:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        first = {"tenant": tenant, "count": 0, "digest": GENESIS, "pruned": 0, "anchor": GENESIS}
        connection.execute(dialect.insert(AuditHead).values(**first).on_conflict_do_nothing())
        head = connection.execute(statement).one()
    return head


def as_details(details: dict[str, Any]) -> str:
    """Return details as JSON of bounded length; None is left out."""
    present_details = {name: value for name, value in details.items() if value is not None}
    text = json.dumps(present_details, sort_keys=True, separators=(",", ":"), default=str)
    if len(text) <= MOST_DETAILS:
        return text
    return json.dumps({"too_long": hashlib.sha256(text.encode()).hexdigest()})


def row_digest(row: Any) -> str:
    """Return the digest of a row's other columns; ``row`` has them as attributes."""
    fields = [
        row.tenant, row.sequence, row.at, row.actor, row.credential, row.act, row.object,
        row.reason, row.details, row.previous,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def bounded(text: str, most: int) -> str:
    """Return a text that every database stores and every terminal shows, cut where too long."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:most])


def _row(act: Act, sequence: int, previous: str) -> dict[str, Any]:
    row = AuditRow(
        tenant=act.tenant,
        sequence=sequence,
        at=act.at or utc_now().isoformat(timespec="milliseconds"),
        actor=bounded(act.author.actor, 200),
        credential=bounded(act.author.credential, 200),
        act=act.act,
        object=bounded(act.object, 1200),
        reason=bounded(act.author.reason, 500),
        details=act.details,
        previous=previous,
    )
    row.digest = row_digest(row)
    return {column.name: getattr(row, column.name) for column in AuditRow.__table__.columns}


_MOVE_HEAD = (
    update(AuditHead)
    .where(AuditHead.tenant == bindparam("of"))
    .values(count=bindparam("to"), digest=bindparam("last"))
)
