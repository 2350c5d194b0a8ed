"""Queue documents for another reading where today's code would read them differently.

Each becomes a job of its own, behind everything that people upload. A document stays searchable
as it was until its job commits; one that cannot be read any more stays as it is. It may be
stopped and run again: what is queued already is not queued twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from index.author import Author
from index.db.audit_chain import record_act
from index.db.tables.documents import Document, Version
from index.db.tables.jobs import Job
from index.library import Library
from ingest.chunking.chunker import ChunkingConfig
from ingest.lifecycle.provenance import chunker_name, is_outdated
from ingest.queue.administration import Work, enqueue
from ingest.queue.jobs import PRIORITIES
from ingest.screening.policy import policy_of
from ingest.screening.screener import Screening

AT_ONCE = 500
"""Documents looked at in one transaction."""


@dataclass(frozen=True, slots=True)
class Reingestion:
    """Counts of the documents looked at, and the jobs that were queued."""

    queued: list[str]
    """Ids of the new jobs."""
    waiting: int
    """Documents whose job waits or runs already."""
    current: int
    """Documents that today would be read the same way."""


def reingest_outdated(
    library: Library,
    tenant: str,
    chunking: ChunkingConfig,
    screening: Screening | None = None,
    *,
    submitter: str,
    everything: bool = False,
    author: Author | None = None,
) -> Reingestion:
    """Queue a job for each document of a tenant that was read with older code or another policy.

    With ``everything``, for every searchable document.
    """
    chunker = chunker_name(chunking, library.model)
    screening = screening or Screening()
    with library.database.read() as session:
        screener = screening.name(policy_of(session, tenant, screening.policy))
    queued: list[str] = []
    waiting = current = after = 0
    while True:
        with library.database.write(author or Author(submitter)) as session:
            page = _page(session, tenant, after)
            idle_documents = [
                (document, version) for document, version, is_busy in page if not is_busy
            ]
            outdated = [
                document
                for document, version in idle_documents
                if everything or is_outdated(version.provenance, chunker, screener)
            ]
            queued += [_queue(session, document, submitter) for document in outdated]
            if outdated:
                record_act(session, tenant, "reingest", tenant, documents=len(outdated))
        waiting += len(page) - len(idle_documents)
        current += len(idle_documents) - len(outdated)
        if not page:
            return Reingestion(queued, waiting, current)
        after = page[-1][0].key


def _page(session: Session, tenant: str, after: int) -> Sequence[tuple[Document, Version, bool]]:
    """Return the next searchable documents, and whether each has a reingestion on its way."""
    busy = exists().where(
        Job.document_key == Document.key,
        Job.kind == "reingest",
        Job.version == Document.version,
        Job.state.in_(("queued", "running")),
    )
    rows = session.execute(
        select(Document, Version, busy)
        .join(Version, (Version.document_key == Document.key))
        .where(Version.number == Document.version)
        .where(Document.tenant == tenant, Document.key > after)
        .order_by(Document.key)
        .limit(AT_ONCE)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _queue(session: Session, document: Document, submitter: str) -> str:
    work = Work(submitter, document.version, kind="reingest", priority=PRIORITIES["low"])
    return enqueue(session, document, work).id
