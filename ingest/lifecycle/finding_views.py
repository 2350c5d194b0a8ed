"""Findings as people see them: the uploader, and curators and administrators who may read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.database import Database
from index.db.tables.documents import ChunkRow, Document, FindingRow, Version
from index.documents import DocumentView
from index.library import Library
from index.types import Actor
from ingest.errors import OriginalWithheldError
from ingest.lifecycle.management import governed_document
from ingest.screening.policy import ScreeningPolicy, policy_of


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding: kind, rule, location; never the words themselves."""

    kind: str
    rule: str
    detector: str
    action: str
    """``keep``, ``mask`` or ``quarantine``: what was done about it."""
    start: int
    end: int
    """Code points of the document's text, as for citations."""
    page: int | None
    chunk_id: str | None
    """Of the chunk where it begins; none while the document is in quarantine."""


@dataclass(frozen=True, slots=True)
class FindingsView:
    """The findings of the version in quarantine, or else of the searchable one."""

    document_id: str
    version: int
    screening: str | None
    """Detectors and policy it was screened with; none before it was read."""
    counts: dict[str, int]
    """How often each ``kind/rule`` was found: of all, while ``items`` may be cut."""
    items: list[FindingView]
    quarantined_at: datetime | None
    released_by: str | None
    released_at: datetime | None


def show_findings(
    database: Database, actor: Actor, document_id: str, *, limit: int = 1000
) -> FindingsView:
    """Return the findings of a document to those who may change it, in text order.

    Raises:
        NotFoundError: it does not exist, or not for this actor.
        ForbiddenError: the actor may read it, and is neither its owner nor a curator.

    """
    with database.read() as session:
        document = governed_document(session, actor, document_id)
        version = _version(session, document)
        rows = session.execute(
            select(FindingRow, ChunkRow.id)
            .outerjoin(
                ChunkRow,
                (ChunkRow.version_key == FindingRow.version_key)
                & (ChunkRow.ordinal == FindingRow.ordinal),
            )
            .where(FindingRow.version_key == version.key)
            .order_by(FindingRow.start, FindingRow.key)
            .limit(limit)
        )
        return FindingsView(
            document_id=document.id,
            version=version.number,
            screening=version.provenance.get("screening"),
            counts=dict(version.provenance.get("findings", {})),
            items=[_view(row[0], row[1]) for row in rows],
            quarantined_at=version.quarantined_at,
            released_by=version.released_by,
            released_at=version.released_at,
        )


def check_original(
    library: Library, installation: ScreeningPolicy, actor: Actor, view: DocumentView
) -> None:
    """Check that somebody who may read a document may open its original too.

    The text is masked, the original is not. So an original with masked places, one in quarantine,
    and one that has not been screened yet where the policy masks or holds, is for the uploader and
    for curators and administrators.

    Raises:
        OriginalWithheldError: it is not for this actor.

    """
    if actor.owner == view.owner or actor.is_curator:
        return
    if not view.masked and view.version > 0:
        return
    with library.database.read() as session:
        keeps = policy_of(session, actor.scope.tenant, installation).only_keeps
    if view.masked or view.state == "quarantined" or not keeps:
        raise OriginalWithheldError(
            "Only the uploader and curators may read the original: it holds text that the "
            "screening policy masks, or it has not been screened. Read the text instead."
        )


def _version(session: Session, document: Document) -> Version:
    number = document.version or document.latest_version
    return session.scalars(
        select(Version)
        .where(
            Version.document_key == document.key,
            Version.quarantined_at.is_not(None) | (Version.number == number),
        )
        .order_by(Version.quarantined_at.is_(None), Version.number.desc())
        .limit(1)
    ).one()


def _view(row: FindingRow, chunk_id: str | None) -> FindingView:
    return FindingView(
        kind=row.kind,
        rule=row.rule,
        detector=row.detector,
        action=row.action,
        start=row.start,
        end=row.end,
        page=row.page,
        chunk_id=chunk_id,
    )
