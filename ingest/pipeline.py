"""One document's way in: parse, screen, chunk, embed, commit."""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from index.db.change_log import drop_chunks, drop_content, record_change
from index.db.row_seals import seal_of
from index.db.tables.base import utc_now
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.db.tables.jobs import Job
from index.embedding.active_model import claim_active
from index.embedding.embedder import Embedder, Matrix
from index.embedding.traced_embeddings import traced_embeddings
from index.errors import NotFoundError
from index.library import Library
from index.storage.verified_originals import StoredOriginal, open_verified
from index.storage.word_boxes import pack_layout
from index.tracing import traced
from index.types import Chunk
from index.webhooks.outbox import announce
from ingest.cancellation import TimeBudget
from ingest.chunking.chunker import ChunkingConfig, chunk
from ingest.embed import Origin, digest, embed_chunks
from ingest.errors import QuarantinedError, SupersededError
from ingest.lifecycle.access_changes import take_brought
from ingest.lifecycle.provenance import describe
from ingest.lifecycle.quarantine import hold
from ingest.ports import Parser
from ingest.queue.leases import Lease, finish
from ingest.queue.progress import Stage
from ingest.screening.finding_rows import record_findings
from ingest.screening.policy import ScreeningPolicy, policy_of
from ingest.screening.screener import ScreenedDocument, Screening
from ingest.titles import document_title, indexed_title
from ingest.types import ParsedDocument

SUPERSEDED = "The document is gone, or has a later version."

CHUNKING_SECONDS = 120.0
"""Seconds that one document may be cut for."""

Report = Callable[[Stage, int, int], None]
"""Called with the stage, and how many of how many chunks are done."""


@dataclass(frozen=True, slots=True)
class IngestDependencies:
    """The collaborators of ingestion: parser, screening, chunking settings and embedder."""

    embedder: Embedder
    parser: Parser
    chunking: ChunkingConfig
    screening: Screening = field(default_factory=Screening)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The accepted upload a job is about."""

    filename: str
    title: str | None
    """Given by the uploader; none means the document's own."""
    original: StoredOriginal
    policy: ScreeningPolicy
    """The action for each kind of finding in it."""
    released: bool
    """Whether a curator released it, so that it is not quarantined again."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A document that is ready to be committed."""

    screened: ScreenedDocument
    title: str
    chunks: Sequence[Chunk]
    vectors: Matrix
    """(len(chunks), dimension) float32 unit vectors."""
    filename: str
    provenance: Mapping[str, Any]
    """Names and versions of the code that read and cut it."""


def ingest(library: Library, dependencies: IngestDependencies, lease: Lease) -> None:
    """Take one accepted version all the way to searchable.

    Raises:
        ParseError: no text can be taken from the file; the message says why.
        OriginalDamagedError: the original's bytes are not those that were accepted.
        QuarantinedError: the policy holds it back for its content; its job has ended.
        SupersededError: the document is gone or has a later version; nothing was changed.
        JobNotRunnableError: the lease was lost; nothing was changed.

    """
    report = lease.progress.report
    source = find_source(library, lease, dependencies.screening.policy)
    with traced("parse", {"footnote.document.bytes": source.original.size}) as step:
        document = parse_source(library, dependencies.parser, source)
        step.note({"footnote.document.media_type": document.media_type})
    with traced("screen") as step:
        screened = dependencies.screening.screen(document, source.policy, released=source.released)
        step.note({"footnote.findings": len(screened.findings)})
    if screened.quarantine_findings:
        put_away(library, dependencies, lease, screened)
    prepared = prepare(library, screened, source, dependencies, report)
    report("commit", len(prepared.chunks), len(prepared.chunks))
    with traced("commit"), library.database.write() as session:
        unused_blobs = commit(session, lease, prepared, dependencies.embedder.name)
        finish(session, lease)
    for blob in unused_blobs:
        library.blobs.delete(blob)


def put_away(
    library: Library, dependencies: IngestDependencies, lease: Lease, screened: ScreenedDocument
) -> NoReturn:
    """Put a version into quarantine, with what was found in it.

    Raises:
        QuarantinedError: it was done, and the job has ended.
        SupersededError, JobNotRunnableError: nothing was changed.

    """
    with library.database.write() as session:
        document, version = due(session, lease)
        version.provenance = describe(screened, dependencies.chunking, dependencies.embedder.name)
        hold(session, lease, document, version, screened)
    raise QuarantinedError("A version of the document was held back.")


def prepare(
    library: Library,
    screened: ScreenedDocument,
    source: SourceFile,
    dependencies: IngestDependencies,
    report: Report,
) -> PreparedDocument:
    """Chunk and embed a document that may go on."""
    document = screened.document
    title = source.title or document_title(document.title or "", source.filename, document.text)
    report("chunk", 0, 0)
    searched_title = source.title or indexed_title(title, source.filename)
    check_time = TimeBudget(CHUNKING_SECONDS).check
    with traced("chunk") as step:
        chunks = chunk(
            document,
            searched_title,
            dependencies.embedder,
            dependencies.chunking,
            check_time=check_time,
        )
        step.note({"footnote.chunks": len(chunks)})
    with traced_embeddings(dependencies.embedder, len(chunks)):
        vectors = embed_chunks(
            library, dependencies.embedder, source.origin, chunks,
            lambda count: report("embed", count, len(chunks)),
        )  # fmt: skip
    provenance = describe(screened, dependencies.chunking, dependencies.embedder.name)
    return PreparedDocument(screened, title, chunks, vectors, source.filename, provenance)


def find_source(library: Library, lease: Lease, installation: ScreeningPolicy) -> SourceFile:
    """Return what the job is about, and the policy that holds for it.

    Raises:
        SupersededError: the document was deleted, or the version replaced, in the meantime.

    """
    values = {
        "job": lease.job_key, "document_key": lease.document_key, "number": lease.version,
    }  # fmt: skip
    with library.database.read() as session:
        row = session.execute(_SOURCE, values).first()
        if row is None:
            raise SupersededError(SUPERSEDED)
        policy = policy_of(session, row.tenant, installation)
    title = row.title if row.title_given else None
    origin = Origin(row.tenant, row.submitter, lease.document_key)
    original = StoredOriginal(row.blob, row.size, row.sha256)
    return SourceFile(row.filename, title, original, policy, row.released_at is not None, origin)


def parse_source(library: Library, parser: Parser, source: SourceFile) -> ParsedDocument:
    """Parse a private copy of the original, so that no parser ever sees the blob store.

    Raises:
        OriginalDamagedError: the original's bytes are not those that were accepted.
        SupersededError: the document was deleted in the meantime.

    """
    with tempfile.TemporaryDirectory(prefix="footnote-") as folder:
        copy = Path(folder) / "upload"
        try:
            original = open_verified(library.database, library.blobs, source.original)
        except NotFoundError:
            raise SupersededError(SUPERSEDED) from None
        with original, copy.open("wb") as target:
            shutil.copyfileobj(original, target, 1 << 20)
        return parser.parse(copy, source.filename)


def commit(session: Session, lease: Lease, prepared: PreparedDocument, model: str) -> list[str]:
    """Make a prepared version the searchable one; return blobs that nothing refers to any more.

    The version it replaces, or what the same version was read as before, leaves in the same
    transaction.

    Raises:
        SupersededError: the document is gone, or a later version is searchable already.
        ModelSwitchedError: the store uses another embedding model now.

    """
    document, version = due(session, lease)
    claim_active(session, model)
    of_version = {"document_key": document.key, "number": version.number}
    unused_blobs = drop_content(session, document.key, versions=session.scalars(_OLDER, of_version))
    if lease.kind == "reingest":
        drop_chunks(session, version.key)
    _write_chunks(session, version, prepared, model)
    record_findings(session, version, prepared.screened, prepared.chunks)
    _describe(version, document, prepared)
    document.version, document.updated_at = lease.version, utc_now()
    take_brought(session, document, version)
    record_change(session, document.key, [document.class_key], "put")
    if lease.kind == "ingest":
        announce(session, document.tenant, "document.ready", document.id, **_event(document, lease))
    return unused_blobs


def _event(document: Document, lease: Lease) -> dict[str, Any]:
    return {"document_id": document.id, "version": lease.version, "state": "ready"}


def due(session: Session, lease: Lease) -> tuple[Document, Version]:
    """Return the locked document of a job, and the version that the job is about.

    Raises:
        SupersededError: the document is gone, or a later version is searchable already.

    """
    of_version = {"document_key": lease.document_key, "number": lease.version}
    document = session.scalars(_LOCKED, of_version).first()
    if document is None or not _still_due(document, lease):
        raise SupersededError(SUPERSEDED)
    return document, session.scalars(_VERSION, of_version).one()


def _still_due(document: Document, lease: Lease) -> bool:
    """Tell whether a job's version is newer than what is searchable, or is read again."""
    if lease.kind == "reingest":
        return document.version == lease.version
    return document.version < lease.version


def _describe(version: Version, document: Document, prepared: PreparedDocument) -> None:
    parsed_document = prepared.screened.document
    version.text = parsed_document.text
    version.layout = pack_layout(parsed_document.layout) if parsed_document.layout else None
    version.pages, version.media_type = parsed_document.pages, parsed_document.media_type
    version.provenance = dict(prepared.provenance)
    version.quarantined_at = None
    if prepared.screened.mask_count:
        document.masked_at = utc_now()
    document.filename = prepared.filename
    if not document.title_given:
        document.title = prepared.title


def _write_chunks(
    session: Session, version: Version, prepared: PreparedDocument, model: str
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": f"chk_{secrets.token_hex(12)}",
            "document_key": version.document_key,
            "version_key": version.key,
            "ordinal": piece.ordinal,
            "text": piece.text,
            "context": piece.context,
            "start": piece.start,
            "end": piece.end,
            "tokens": piece.tokens,
            "page": piece.page,
            "headings": list(piece.headings),
            "digest": digest(piece.indexed_text),
        }
        for piece in prepared.chunks
    ]
    if not rows:
        return
    for row in rows:
        row["seal"] = seal_of(ChunkRow, row)
    connection = session.connection()
    keys = connection.execute(_WRITE_CHUNKS, rows).scalars()
    halves = prepared.vectors.astype("<f2")
    vectors: list[dict[str, Any]] = [
        {"chunk_key": key, "model": model, "data": half.tobytes()}
        for key, half in zip(keys, halves, strict=True)
    ]
    for vector in vectors:
        vector["seal"] = seal_of(Vector, vector)
    connection.execute(_WRITE_VECTORS, vectors)


# Made once: to make one of these costs more than to run it.

_OF_DOCUMENT = Version.document_key == bindparam("document_key")

_SOURCE = (
    select(
        func.coalesce(Version.filename, Document.filename).label("filename"),
        Document.title,
        Document.title_given,
        Document.tenant,
        Version.blob,
        Version.size,
        Version.sha256,
        Version.released_at,
        Job.submitter,
    )
    .join(Version, Version.document_key == Document.key)
    .join(Job, Job.key == bindparam("job"))
    .where(_OF_DOCUMENT, Version.number == bindparam("number"))
)

_LOCKED = select(Document).where(Document.key == bindparam("document_key")).with_for_update()

_VERSION = select(Version).where(_OF_DOCUMENT, Version.number == bindparam("number"))

_OLDER = select(Version.number).where(_OF_DOCUMENT, Version.number < bindparam("number"))

_WRITE_CHUNKS = insert(ChunkRow).returning(ChunkRow.key, sort_by_parameter_order=True)

_WRITE_VECTORS = insert(Vector)
