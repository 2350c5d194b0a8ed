"""Rows of the audit log as they are shown and exported."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from index.audit.verification import ChainHead, read_head
from index.db.database import Database
from index.db.tables.audit import AuditRow

EXPORTED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class AuditView:
    """One row."""

    sequence: int
    at: str
    tenant: str
    actor: str
    credential: str
    """The id of the key or identity; ``os:<name>`` for an account at the data folder."""
    act: str
    object: str
    reason: str
    details: dict[str, Any]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows; none of a field means any."""

    actor: str | None = None
    act: str | None = None
    object: str | None = None
    """An id: of what was acted on, or of a document among those that were read."""
    since: datetime | None = None
    until: datetime | None = None


ANY = AuditFilter()


def list_acts(
    database: Database,
    tenant: str,
    row_filter: AuditFilter = ANY,
    *,
    before: int | None = None,
    limit: int = 100,
) -> list[AuditView]:
    """Return rows of a tenant, newest first; ``before`` is the last sequence number of a page."""
    conditions = list(_conditions(tenant, row_filter))
    if before is not None:
        conditions.append(AuditRow.sequence < before)
    statement = select(AuditRow).where(*conditions).order_by(AuditRow.sequence.desc()).limit(limit)
    with database.read() as session:
        return [_view(row) for row in session.scalars(statement)]


def export_acts(
    database: Database, tenant: str, row_filter: AuditFilter = ANY
) -> Iterator[AuditView | ChainHead]:
    """Yield a tenant's rows, oldest first, and at the end the chain's head, all of one moment."""
    statement = select(AuditRow).where(*_conditions(tenant, row_filter)).order_by(AuditRow.sequence)
    with database.read() as session:
        head = read_head(session, tenant)
        rows = session.execute(statement, execution_options={"yield_per": EXPORTED_AT_ONCE})
        for row in rows.scalars():
            yield _view(row)
        yield head


def export_lines(database: Database, tenant: str, row_filter: AuditFilter = ANY) -> Iterator[str]:
    """Yield an export as JSON lines; the last one is ``{"head": "count:digest"}``."""
    for item in export_acts(database, tenant, row_filter):
        body = {"head": str(item)} if isinstance(item, ChainHead) else asdict(item)
        yield json.dumps(body, ensure_ascii=False) + "\n"


def _conditions(tenant: str, row_filter: AuditFilter) -> Iterator[ColumnElement[bool]]:
    yield AuditRow.tenant == tenant
    if row_filter.actor is not None:
        yield AuditRow.actor == row_filter.actor
    if row_filter.act is not None:
        yield AuditRow.act == row_filter.act
    if row_filter.object is not None:
        among_details = AuditRow.details.contains(json.dumps(row_filter.object), autoescape=True)
        yield or_(AuditRow.object == row_filter.object, among_details)
    if row_filter.since is not None:
        yield AuditRow.at >= spell_moment(row_filter.since)
    if row_filter.until is not None:
        yield AuditRow.at < spell_moment(row_filter.until)


def spell_moment(moment: datetime) -> str:
    """Return a time as the rows spell theirs; one without a zone is in UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds")


def _view(row: AuditRow) -> AuditView:
    return AuditView(
        row.sequence, row.at, row.tenant, row.actor, row.credential, row.act, row.object,
        row.reason, json.loads(row.details), row.previous, row.digest,
    )  # fmt: skip
