"""The rows of the audit log that concern one person: done in their name, or to their account."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from index.access.classes import readable
from index.audit.query import spell_moment
from index.db.database import Database
from index.db.tables.audit import AuditRow
from index.db.tables.documents import Document
from index.types import Scope

ACCOUNT_ACTS = (
    "key-create", "key-rotate", "key-revoke", "identity-map", "group-add", "group-remove",
    "contributor-add", "contributor-remove",
)  # fmt: skip
"""Acts whose details name the person whose account it is."""

DOCUMENT = "doc_"
"""The beginning of a document's id."""


@dataclass(frozen=True, slots=True)
class OwnAct:
    """One row, without its number in the log: that would tell how much others do."""

    at: str
    act: str
    actor: str
    """The person themselves, also where a key acts as them; or who changed their account."""
    credential: str
    reason: str
    object: str
    documents: list[str]
    """Documents that were read, those that the person may read now."""


def own_acts(
    database: Database,
    scope: Scope,
    person: str,
    *,
    until: datetime | None = None,
    limit: int = 100,
) -> list[OwnAct]:
    """Return what was done in a person's name or to their account, newest first.

    What they may not read now is not named: rows about such a document are left out.
    """
    to_account = and_(
        AuditRow.act.in_(ACCOUNT_ACTS),
        AuditRow.details.contains(json.dumps(person), autoescape=True),
    )
    may_be_named = or_(
        AuditRow.object.not_like(f"{DOCUMENT}%"),
        AuditRow.object.in_(select(Document.id).where(readable(scope))),
    )
    statement = (
        select(AuditRow)
        .where(AuditRow.tenant == scope.tenant, or_(AuditRow.actor == person, to_account))
        .where(may_be_named)
        .order_by(AuditRow.at.desc(), AuditRow.sequence.desc())
        .limit(limit)
    )
    if until is not None:
        statement = statement.where(AuditRow.at < spell_moment(until))
    with database.read() as session:
        rows = [(row, _listed_documents(row)) for row in session.scalars(statement)]
        visible = _readable_among(session, scope, {name for _, names in rows for name in names})
        return [
            OwnAct(
                row.at, row.act, row.actor, row.credential, row.reason, row.object,
                [name for name in names if name in visible],
            )
            for row, names in rows
        ]  # fmt: skip


def _listed_documents(row: AuditRow) -> list[str]:
    listed = json.loads(row.details).get("documents")
    return listed if isinstance(listed, list) else []


def _readable_among(session: Session, scope: Scope, ids: set[str]) -> set[str]:
    statement = select(Document.id).where(Document.id.in_(sorted(ids)), readable(scope))
    return set(session.scalars(statement))
