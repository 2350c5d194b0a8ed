"""Uploads: a file comes in parts, and becomes a file when they are complete."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentLibrary, CurrentPartialFileRules
from api.documents.multipart_upload import read_part
from api.errors import ParameterError
from api.openai_compatible.file_objects import (
    FileView,
    check_lifetime,
    check_purpose,
    check_readers,
    get_file,
)
from api.openapi.multipart import BINARY, multipart_body
from api.openapi.problems import problem_responses
from api.routes.documents import UPLOAD_REFUSALS
from api.routes.guarded_route import UPLOAD_PART, GuardedRoute, accepts
from api.schemas import Body, Text
from index.db.database import Database
from index.errors import (
    DiskFullError,
    InvalidAccessListError,
    InvalidPrincipalError,
    NotFoundError,
    OriginalDamagedError,
    QueueFullError,
)
from index.types import Actor
from ingest.errors import (
    EmptyFileError,
    PartialFileClosedError,
    PartsMismatchError,
    PublishingError,
    QuotaError,
    TooLargeError,
)
from ingest.partial_files import (
    LARGEST_PART,
    MOST_PARTS,
    PartialFileSpec,
    PartialFileView,
    add_part,
    cancel_partial_file,
    complete_partial_file,
    create_partial_file,
)

router = APIRouter(prefix="/v1/uploads", tags=["openai"], route_class=GuardedRoute)

UploadId = Annotated[str, Path(max_length=40, examples=["upload_0123456789abcdef01234567"])]
PartId = Annotated[str, Field(max_length=40)]
Principal = Annotated[Text, Field(max_length=200)]

PART_BODY = multipart_body({"data": BINARY}, required=["data"], example={"data": "(bytes)"})


class FileLifetime(Body):
    """How long the file stays, once it is there."""

    anchor: Literal["created_at"]
    seconds: int


class UploadRequest(Body):
    """A file that is to come in parts."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    bytes: int = Field(ge=1)
    filename: Text = Field(min_length=1, max_length=1000)
    mime_type: Text = Field(max_length=255)
    """It has no effect: the type is found in the bytes."""
    purpose: Text = Field(max_length=40)
    expires_after: FileLifetime | None = None
    allow: list[Principal] = Field([], max_length=200)
    """Who may read it; none: only you."""
    deny: list[Principal] = Field([], max_length=200)


class CompletionRequest(Body):
    """The parts that a file is made of, in order."""

    part_ids: list[PartId] = Field(min_length=1, max_length=MOST_PARTS)
    md5: Text | None = Field(None, pattern="^[0-9a-fA-F]{32}$")


class UploadView(BaseModel):
    """A file that comes in parts."""

    id: str
    object: Literal["upload"] = "upload"
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    status: Literal["pending", "completed", "cancelled", "expired"]
    file: FileView | None = None


class PartObject(BaseModel):
    """A part of a file."""

    id: str
    object: Literal["upload.part"] = "upload.part"
    created_at: int
    upload_id: str


@router.post(
    "",
    responses=problem_responses(
        ParameterError, TooLargeError, QuotaError, QueueFullError, InvalidPrincipalError,
        InvalidAccessListError, PublishingError,
    ),
)  # fmt: skip
def begin_upload(
    actor: CurrentActor,
    database: CurrentDatabase,
    rules: CurrentPartialFileRules,
    body: UploadRequest,
) -> UploadView:
    """Begin a file whose parts come one by one; you have an hour."""
    check_readers(actor, body.allow, body.deny)
    expiry = body.expires_after
    spec = PartialFileSpec(
        filename=body.filename, size=body.bytes, purpose=check_purpose(body.purpose),
        allow=body.allow, deny=body.deny,
        lifetime=check_lifetime(expiry.anchor, expiry.seconds) if expiry else None,
    )  # fmt: skip
    return _view(database, actor, create_partial_file(database, actor, spec, rules))


@router.post(
    "/{upload_id}/parts",
    openapi_extra=PART_BODY,
    responses=problem_responses(
        NotFoundError, PartialFileClosedError, TooLargeError, EmptyFileError, DiskFullError
    ),
)
@accepts(UPLOAD_PART)
async def upload_part(
    request: Request, actor: CurrentActor, library: CurrentLibrary, upload_id: UploadId
) -> PartObject:
    """Add a part; it is durable when this answers."""
    async with read_part(request, limit=LARGEST_PART) as blocks:
        part = await run_in_threadpool(add_part, library, actor, upload_id, blocks)
    return PartObject(id=part.id, created_at=int(part.created_at.timestamp()), upload_id=upload_id)


@router.post(
    "/{upload_id}/complete",
    responses=problem_responses(
        NotFoundError, PartialFileClosedError, PartsMismatchError, OriginalDamagedError,
        *UPLOAD_REFUSALS,
    ),
)  # fmt: skip
def complete_upload(
    *,
    actor: CurrentActor,
    library: CurrentLibrary,
    rules: CurrentPartialFileRules,
    upload_id: UploadId,
    body: CompletionRequest,
) -> UploadView:
    """Make a file of the parts, in the order of their ids; it is durable when this answers."""
    view = complete_partial_file(library, actor, upload_id, body.part_ids, rules, md5=body.md5)
    return _view(library.database, actor, view)


@router.post(
    "/{upload_id}/cancel", responses=problem_responses(NotFoundError, PartialFileClosedError)
)
def cancel_upload(actor: CurrentActor, library: CurrentLibrary, upload_id: UploadId) -> UploadView:
    """Give a file up; its parts are deleted."""
    return _view(library.database, actor, cancel_partial_file(library, actor, upload_id))


def _view(database: Database, actor: Actor, view: PartialFileView) -> UploadView:
    return UploadView.model_validate(
        {
            "id": view.id, "bytes": view.size, "filename": view.filename, "purpose": view.purpose,
            "status": view.state, "created_at": int(view.created_at.timestamp()),
            "expires_at": int(view.expires_at.timestamp()),
            "file": get_file(database, actor.scope, view.document_id) if view.document_id else None,
        }
    )  # fmt: skip
