"""Verification of a chain: a row that was changed, removed or moved does not fit its neighbours."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.audit_chain import GENESIS, row_digest
from index.db.database import Database
from index.db.tables.audit import AuditHead, AuditRow

MOST_PROBLEMS = 20
"""Problems that a report names; the first one is what matters."""

PRUNE = "audit-prune"
"""The act that says up to which row the retention has deleted."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a chain: keep it elsewhere, and a chain that was cut off is noticed."""

    count: int
    digest: str

    def __str__(self) -> str:
        return f"{self.count}:{self.digest}"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of a verification."""

    tenant: str
    rows: int
    first: int
    """The sequence number of the oldest row that is kept."""
    head: str
    """``count:digest`` of the last row, to keep elsewhere."""
    problems: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """Tell whether nothing was found."""
        return not self.problems


def tenants_with_audit(database: Database) -> list[str]:
    """Return the tenants that have an audit log."""
    with database.read() as session:
        with_head = set(session.scalars(select(AuditHead.tenant)))
        return sorted(with_head | set(session.scalars(select(AuditRow.tenant).distinct())))


def read_head(session: Session, tenant: str) -> ChainHead:
    """Return the head of a tenant's chain."""
    head = session.get(AuditHead, tenant)
    return ChainHead(head.count, head.digest) if head else ChainHead(0, GENESIS)


def verify_chain(
    database: Database, tenant: str, *, expected: ChainHead | None = None
) -> ChainReport:
    """Go through a tenant's chain from its oldest row to its head, in one moment of the store.

    ``expected`` is a head that was kept elsewhere: the chain must still hold that very row.
    """
    with database.read() as session:
        head = session.get(AuditHead, tenant)
        walk = _Walk(head.pruned, head.anchor) if head else _Walk(0, GENESIS)
        walk.expect(expected)
        statement = select(*AuditRow.__table__.columns).where(AuditRow.tenant == tenant)
        rows = session.execute(
            statement.order_by(AuditRow.sequence), execution_options={"yield_per": 1000}
        )
        for row in rows:
            walk.take(row)
        walk.end(head)
        return ChainReport(
            tenant, walk.rows, walk.start + 1, str(read_head(session, tenant)), walk.problems
        )


def parse_head(text: str) -> ChainHead:
    """Return the head that ``count:digest`` spells.

    Raises:
        ValueError: it spells none.

    """
    count, _, digest = text.partition(":")
    if len(digest) != len(GENESIS):
        raise ValueError("a head is COUNT:DIGEST")
    return ChainHead(int(count), digest)


class _Walk:
    """Compares each row with the one before."""

    def __init__(self, pruned: int, anchor: str) -> None:
        self.start, self.rows = pruned, 0
        self.expected: ChainHead | None = None
        self.problems: list[str] = []
        self._sequence, self._digest = pruned, anchor
        self._checkpoint: tuple[int, str] = (0, GENESIS)

    def expect(self, expected: ChainHead | None) -> None:
        """Look for this head on the way; it may be that of the last row that was deleted."""
        self.expected = expected
        self._compare_expected()

    def take(self, row: Any) -> None:
        """Compare the next row."""
        self.rows += 1
        if row.sequence != self._sequence + 1:
            self._report(f"Rows {self._sequence + 1} to {row.sequence - 1} are missing.")
        elif row.previous != self._digest:
            self._report(f"Row {row.sequence} does not follow from the row before it.")
        if row_digest(row) != row.digest:
            self._report(f"Row {row.sequence} was changed.")
        if row.act == PRUNE:
            details = json.loads(row.details)
            self._checkpoint = (int(details["through"]), str(details["digest"]))
        self._sequence, self._digest = row.sequence, row.digest
        self._compare_expected()

    def end(self, head: AuditHead | None) -> None:
        """Compare the last row with the head, and the beginning with the last checkpoint."""
        if head is None:
            if self.rows:
                self._report("The head of the chain is missing.")
        elif self._sequence < head.count:
            self._report(f"Rows {self._sequence + 1} to {head.count} are missing at the end.")
        elif (self._sequence, self._digest) != (head.count, head.digest):
            self._report(f"The chain goes on after its head, row {head.count}, or differs there.")
        if head is not None and (head.pruned, head.anchor) != self._checkpoint:
            self._report(f"Rows up to {head.pruned} are gone, and no checkpoint row says so.")
        if self.expected is not None and self.expected.count > self._sequence:
            self._report(f"The chain ends before row {self.expected.count}, the head you gave.")
        if self.expected is not None and 0 < self.expected.count < self.start:
            self._report(f"Row {self.expected.count}, the head you gave, is not kept any more.")

    def _compare_expected(self) -> None:
        expected = self.expected
        if expected and expected.count == self._sequence and expected.digest != self._digest:
            self._report(f"Row {expected.count} is not the head you gave.")

    def _report(self, problem: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)
