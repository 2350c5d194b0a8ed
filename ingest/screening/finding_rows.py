"""Findings as rows: where they stand and what was done about them, never the words themselves."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.orm import Session

from index.db.row_seals import seal_of
from index.db.tables.documents import FindingRow, Version
from index.types import Chunk
from ingest.screening.screener import ScreenedDocument

MOST = 10_000
"""Rows kept of one version; the counts in its provenance are of all findings."""

_DROP = delete(FindingRow).where(FindingRow.version_key == bindparam("version"))

_WRITE = insert(FindingRow)


def record_findings(
    session: Session, version: Version, screened: ScreenedDocument, chunks: Sequence[Chunk] = ()
) -> None:
    """Replace the findings of a version, each with the chunk in which it begins."""
    connection = session.connection()
    connection.execute(_DROP, {"version": version.key})
    ends = [chunk.end for chunk in chunks]
    rows: list[dict[str, Any]] = [
        {
            "document_key": version.document_key,
            "version_key": version.key,
            "ordinal": _ordinal(ends, one.finding.start),
            "kind": one.finding.kind,
            "rule": one.finding.rule,
            "detector": one.detector,
            "action": one.action,
            "start": one.finding.start,
            "end": one.finding.end,
            "page": screened.document.page_at(one.finding.start),
        }
        for one in screened.findings[:MOST]
    ]
    if rows:
        sealed_rows = [{**row, "seal": seal_of(FindingRow, row)} for row in rows]
        connection.execute(_WRITE, sealed_rows)


def _ordinal(ends: Sequence[int], start: int) -> int | None:
    at = bisect_right(ends, start)
    return at if at < len(ends) else None
