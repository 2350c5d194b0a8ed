"""Documents: upload, list, read, change, delete."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.auth.dependencies import CurrentActor
from api.dependencies import (
    CurrentAnswers,
    CurrentDatabase,
    CurrentLibrary,
    CurrentPages,
    CurrentPublishing,
    CurrentReads,
    CurrentScreening,
    CurrentUploadRules,
    UploadRules,
)
from api.documents.multipart_upload import Form, read_upload
from api.documents.page_images import page_image
from api.documents.schemas import DocumentPatch, LookAlikeList, UploadResponse
from api.openapi.multipart import BINARY, STRINGS, multipart_body
from api.openapi.problems import problem_responses
from api.routes.entity_tags import (
    NOT_MODIFIED,
    ChangedTagged,
    CurrentPrecondition,
    CurrentTagged,
)
from api.routes.guarded_route import UPLOAD, GuardedRoute, accepts
from api.schemas import IdempotencyKey, Text
from index.document_choice import DocumentChoice, Kind, Sort, State
from index.documents import DocumentPage, DocumentView, get_document, get_text, list_documents
from index.documents import open_content as open_original
from index.entity_tags import UNCONDITIONAL, Precondition
from index.errors import (
    DiskFullError,
    ForbiddenError,
    InvalidAccessListError,
    InvalidPrincipalError,
    NotFoundError,
    OriginalDamagedError,
    PreconditionFailedError,
    QueueFullError,
    TextDamagedError,
)
from index.library import Library
from index.storage.digests import blocks_of
from index.types import Actor
from ingest.errors import (
    AuthorityError,
    EmptyFileError,
    HeldError,
    IdempotencyConflictError,
    NoSuchPageError,
    OriginalWithheldError,
    PriorityError,
    PublishingError,
    QuotaError,
    TooLargeError,
)
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.finding_views import check_original
from ingest.lifecycle.look_alikes import look_alike_warnings, look_alikes
from ingest.lifecycle.management import Receipt, delete_document
from ingest.lifecycle.retention import Governance
from ingest.upload import Upload, accept

router = APIRouter(prefix="/v1/documents", tags=["documents"], route_class=GuardedRoute)

SANDBOX = "sandbox; default-src 'none'"
"""Content-Security-Policy of what users uploaded: it may do nothing where a browser opens it."""

DocumentId = Annotated[str, Path(max_length=40, examples=["doc_0123456789abcdef01234567"])]

UPLOAD_BODY = multipart_body(
    {
        "file": BINARY,
        "allow": {**STRINGS, "description": "Principals; default: only you."},
        "deny": STRINGS,
        "title": {"type": "string"},
        "attributes": {"type": "string", "description": "A JSON object."},
        "licence": {"type": "string", "description": "What may be done with it."},
        "source": {"type": "string", "description": "Your source it comes from."},
        "source_path": {"type": "string", "description": "Where it is there."},
        "source_mark": {
            "type": "string",
            "description": "Your mark of these bytes, such as an entity tag.",
        },
        "priority": {"type": "string", "enum": ["low", "normal", "high"]},
    },
    required=["file"],
    example={
        "file": "(bytes)",
        "allow": ["group:hr/all", "user:ann"],
        "attributes": '{"year": 2026}',
    },
)

ORIGINAL_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": BINARY}}},
    **problem_responses(OriginalWithheldError, OriginalDamagedError),
}
"""Of the routes that send an original."""

UPLOAD_REFUSALS = (
    TooLargeError, QuotaError, EmptyFileError, InvalidPrincipalError, InvalidAccessListError,
    PriorityError, PublishingError, IdempotencyConflictError, QueueFullError, DiskFullError,
)  # fmt: skip


@router.post(
    "",
    status_code=202,
    response_model_exclude_defaults=True,  # `warnings` only where there are some
    openapi_extra=UPLOAD_BODY,
    responses=problem_responses(NotFoundError, *UPLOAD_REFUSALS),  # of a collection
)
@accepts(UPLOAD)
async def upload_document(
    request: Request,
    actor: CurrentActor,
    library: CurrentLibrary,
    rules: CurrentUploadRules,
    idempotency_key: IdempotencyKey = None,
) -> UploadResponse:
    """Upload a document; it is durable when this answers, searchable when its job succeeds."""
    take = partial(_take, library, actor, rules, idempotency_key)
    return await _accept(request, rules, take)


@router.put(
    "/{document_id}/content",
    status_code=202,
    response_model_exclude_defaults=True,  # `warnings` only where there are some
    openapi_extra=UPLOAD_BODY,
    responses=problem_responses(ForbiddenError, PreconditionFailedError, *UPLOAD_REFUSALS),
)
@accepts(UPLOAD)
async def replace_document(
    *,
    request: Request,
    actor: CurrentActor,
    library: CurrentLibrary,
    rules: CurrentUploadRules,
    precondition: CurrentPrecondition,
    document_id: DocumentId,
    idempotency_key: IdempotencyKey = None,
) -> UploadResponse:
    """Upload a new version; the old one stays searchable until the new one is."""
    take = partial(_take, library, actor, rules, idempotency_key)
    return await _accept(request, rules, take, document_id, precondition)


async def _accept(
    request: Request,
    rules: UploadRules,
    take: Callable[[Upload], UploadResponse],
    document_id: str | None = None,
    precondition: Precondition = UNCONDITIONAL,
) -> UploadResponse:
    async with read_upload(request, limit=rules.limit_bytes) as form:
        return await run_in_threadpool(take, _upload(form, document_id, precondition))


def _take(
    library: Library,
    actor: Actor,
    rules: UploadRules,
    idempotency_key: str | None,
    upload: Upload,
) -> UploadResponse:
    """Accept an upload, and say which documents of others its name looks like."""
    accepted = accept(
        library, actor, upload, limit_bytes=rules.limit_bytes, idempotency_key=idempotency_key,
        caps=rules.caps, publishing=rules.publishing,
    )  # fmt: skip
    warnings = look_alike_warnings(library.database, actor, accepted.document_id)
    return UploadResponse(**asdict(accepted), warnings=warnings)


def _upload(form: Form, document_id: str | None, precondition: Precondition) -> Upload:
    return Upload(
        filename=form.filename,
        blocks=form.blocks(),
        allow=form.allow,
        deny=form.deny,
        title=form.title,
        attributes=form.attributes,
        priority=form.priority,
        document_id=document_id,
        source_id=form.source_id,
        source_path=form.source_path,
        source_mark=form.source_mark,
        licence=form.licence,
        precondition=precondition,
    )


def document_choice(
    query: Annotated[
        Text, Query(max_length=200, description="Words of the title or of the file name.")
    ] = "",
    state: State | None = None,
    kind: Kind | None = None,
    owner: Annotated[Text | None, Query(max_length=200, examples=["user:ann"])] = None,
    sort: Sort = "newest",
) -> DocumentChoice:
    """Return the documents that a list is narrowed to, and their order."""
    return DocumentChoice(query, state, owner, kind, sort)


@router.get("")
def show_documents(
    actor: CurrentActor,
    library: CurrentLibrary,
    choice: Annotated[DocumentChoice, Depends(document_choice)],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(max_length=40)] = None,
) -> DocumentPage:
    """List the documents you may read, newest first unless you ask for another order."""
    return list_documents(library, actor.scope, choice=choice, limit=limit, after=after)


@router.get("/{document_id}", response_model=DocumentView, responses=NOT_MODIFIED)
def show_document(
    actor: CurrentActor, library: CurrentLibrary, tagged: CurrentTagged, document_id: DocumentId
) -> Any:
    """Return one document without its content."""
    return tagged.answer(get_document(library, actor.scope, document_id))


@router.patch(
    "/{document_id}",
    response_model=DocumentView,
    responses={
        204: {"description": "Changed, and no longer yours to read."},
        **problem_responses(
            ForbiddenError,
            InvalidPrincipalError,
            InvalidAccessListError,
            PublishingError,
            AuthorityError,
            PreconditionFailedError,
        ),
    },
)
def change_document(
    *,
    actor: CurrentActor,
    library: CurrentLibrary,
    precondition: CurrentPrecondition,
    tagged: ChangedTagged,
    publishing: CurrentPublishing,
    document_id: DocumentId,
    patch: DocumentPatch,
) -> Any:
    """Change who may read a document, its title or its attributes; the next request sees it."""
    edit = DocumentEdit(
        patch.allow, patch.deny, patch.title, patch.attributes, _patched_governance(patch),
        patch.authoritative,
    )  # fmt: skip
    edit_document(
        library, actor, document_id, edit, precondition=precondition, publishing=publishing
    )
    try:
        return tagged.answer(get_document(library, actor.scope, document_id))
    except NotFoundError:
        return Response(status_code=204)


def _patched_governance(patch: DocumentPatch) -> Governance | None:
    governance_fields = patch.model_fields_set & {"licence", "expires_at", "hold"}
    if not governance_fields:
        return None
    return Governance(
        licence=patch.licence,
        expires_at=patch.expires_at,
        keep_for_ever="expires_at" in governance_fields and patch.expires_at is None,
        hold=patch.hold,
    )


@router.get("/{document_id}/look-alikes")
def show_look_alikes(
    actor: CurrentActor, database: CurrentDatabase, document_id: DocumentId
) -> LookAlikeList:
    """List documents of other publishers whose title or file name looks like this one's.

    Curators also learn of those that they may not read, by their publisher alone.
    """
    return LookAlikeList(items=look_alikes(database, actor, document_id))


@router.delete(
    "/{document_id}",
    responses=problem_responses(ForbiddenError, HeldError, PreconditionFailedError),
)
def remove_document(
    actor: CurrentActor,
    library: CurrentLibrary,
    answers: CurrentAnswers,
    precondition: CurrentPrecondition,
    document_id: DocumentId,
) -> Receipt:
    """Delete a document; it is gone from the next search on, and the receipt says so."""
    receipt = delete_document(library, actor, document_id, precondition=precondition)
    answers.forget([document_id])
    return receipt


@router.get(
    "/{document_id}/text",
    response_class=PlainTextResponse,
    responses=problem_responses(TextDamagedError),
)
def show_text(
    actor: CurrentActor, library: CurrentLibrary, reads: CurrentReads, document_id: DocumentId
) -> PlainTextResponse:
    """Return the text that the offsets of citations count in, in Unicode code points."""
    text = get_text(library, actor.scope, document_id)
    reads.record(actor, "text", [document_id])
    return PlainTextResponse(text)


@router.get(
    "/{document_id}/content",
    response_class=StreamingResponse,
    responses=ORIGINAL_RESPONSES,
)
def download(
    actor: CurrentActor,
    library: CurrentLibrary,
    screening: CurrentScreening,
    reads: CurrentReads,
    document_id: DocumentId,
) -> StreamingResponse:
    """Return the original file, as an attachment that a browser will not run."""
    document, file = open_original(library, actor.scope, document_id)
    try:
        check_original(library, screening, actor, document)
    except OriginalWithheldError:
        file.close()
        raise
    reads.record(actor, "content", [document_id])
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.filename, safe='')}",
        "Content-Length": str(document.size),
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }

    def blocks() -> Iterator[bytes]:
        with file:
            yield from blocks_of(file)

    return StreamingResponse(blocks(), media_type="application/octet-stream", headers=headers)


@router.get(
    "/{document_id}/pages/{page}.png",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {"schema": BINARY}}},
        **problem_responses(NoSuchPageError, OriginalDamagedError),
    },
)
def show_page(
    *,
    actor: CurrentActor,
    library: CurrentLibrary,
    screening: CurrentScreening,
    pages: CurrentPages,
    reads: CurrentReads,
    document_id: DocumentId,
    page: Annotated[int, Path(ge=1, le=100_000)],
    scale: Annotated[float, Query(ge=0.25, le=4)] = 1.5,
) -> Response:
    """Return the image of a page; ``scale`` 1 is 72 dots an inch."""
    image = page_image(library, screening, pages, actor, document_id, page, scale=scale)
    reads.record(actor, "page", [document_id])
    headers = {"Content-Security-Policy": SANDBOX, "Cache-Control": "no-store"}
    return Response(image, media_type="image/png", headers=headers)
