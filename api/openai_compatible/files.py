"""Files: uploaded, listed, read and deleted as documents are."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.auth.dependencies import CurrentActor
from api.dependencies import (
    CurrentAnswers,
    CurrentDatabase,
    CurrentLibrary,
    CurrentReads,
    CurrentScreening,
    CurrentUploadRules,
    UploadRules,
)
from api.documents.multipart_upload import Form, read_upload
from api.errors import ParameterError
from api.openai_compatible.cursor_pages import CurrentFilePage
from api.openai_compatible.file_objects import (
    DeletedFile,
    FileList,
    FileView,
    Purpose,
    check_lifetime,
    check_purpose,
    check_readers,
    get_file,
    list_files,
)
from api.openapi.multipart import BINARY, STRINGS, multipart_body
from api.openapi.problems import problem_responses
from api.routes.documents import ORIGINAL_RESPONSES, UPLOAD_REFUSALS, DocumentId, download
from api.routes.guarded_route import UPLOAD, GuardedRoute, accepts
from index.errors import ForbiddenError
from index.library import Library
from index.types import Actor
from ingest.errors import HeldError
from ingest.lifecycle.management import delete_document
from ingest.upload import Upload, accept

router = APIRouter(prefix="/v1/files", tags=["openai"], route_class=GuardedRoute)

FILE_BODY = multipart_body(
    {
        "file": BINARY,
        "purpose": {"type": "string", "enum": ["assistants", "user_data"]},
        "expires_after[anchor]": {"type": "string", "enum": ["created_at"]},
        "expires_after[seconds]": {"type": "integer"},
        "allow": {**STRINGS, "description": "Who may read it; none: only you."},
        "deny": STRINGS,
    },
    required=["file", "purpose"],
    example={"file": "(bytes)", "purpose": "assistants"},
)


@router.post(
    "", openapi_extra=FILE_BODY, responses=problem_responses(ParameterError, *UPLOAD_REFUSALS)
)
@accepts(UPLOAD)
async def upload_file(
    request: Request, actor: CurrentActor, library: CurrentLibrary, rules: CurrentUploadRules
) -> FileView:
    """Upload a file; it is durable when this answers, searchable when its status is `processed`.

    Every upload makes a file of its own, the same bytes too.
    """
    async with read_upload(request, limit=rules.limit_bytes) as form:
        return await run_in_threadpool(_take, library, actor, rules, form)


def _take(library: Library, actor: Actor, rules: UploadRules, form: Form) -> FileView:
    check_readers(actor, form.allow, form.deny)
    lifetime = check_lifetime(*form.lifetime) if any(form.lifetime) else None
    upload = Upload(
        filename=form.filename, blocks=form.blocks(), allow=form.allow, deny=form.deny,
        purpose=check_purpose(form.purpose), is_distinct=True,
        lifetime=None if lifetime is None else timedelta(seconds=lifetime),
    )  # fmt: skip
    accepted = accept(
        library, actor, upload, limit_bytes=rules.limit_bytes, caps=rules.caps,
        publishing=rules.publishing,
    )  # fmt: skip
    return get_file(library.database, actor.scope, accepted.document_id)


@router.get("")
def show_files(
    actor: CurrentActor,
    database: CurrentDatabase,
    page: CurrentFilePage,
    purpose: Annotated[Purpose | None, Query()] = None,
) -> FileList:
    """List the files that you may read: your documents, and those of others."""
    return list_files(database, actor.scope, page, purpose)


@router.get("/{file_id}")
def show_file(actor: CurrentActor, database: CurrentDatabase, file_id: DocumentId) -> FileView:
    """Return one file."""
    return get_file(database, actor.scope, file_id)


@router.delete("/{file_id}", responses=problem_responses(ForbiddenError, HeldError))
def remove_file(
    actor: CurrentActor, library: CurrentLibrary, answers: CurrentAnswers, file_id: DocumentId
) -> DeletedFile:
    """Delete a file; it is gone from every vector store and from the next search on."""
    delete_document(library, actor, file_id)
    answers.forget([file_id])
    return DeletedFile(id=file_id)


@router.get(
    "/{file_id}/content",
    response_class=StreamingResponse,
    responses=ORIGINAL_RESPONSES,
)
def show_content(
    actor: CurrentActor,
    library: CurrentLibrary,
    screening: CurrentScreening,
    reads: CurrentReads,
    file_id: DocumentId,
) -> StreamingResponse:
    """Return the bytes of a file."""
    return download(actor, library, screening, reads, file_id)
