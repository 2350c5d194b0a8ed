"""Sources beyond upload, for curators: folders that are kept in step, and URLs."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel

from api.auth.dependencies import CurrentCurator
from api.dependencies import CurrentLibrary, CurrentUrlImport
from api.documents.schemas import SourceRequest
from api.documents.url_import import ImportCaps, fetch_source, import_url
from api.errors import RoleError
from api.openapi.problems import problem_responses
from api.routes.entity_tags import NOT_MODIFIED, CurrentPrecondition, CurrentTagged
from api.routes.guarded_route import GuardedRoute
from index.errors import (
    FetchError,
    FetchLimitError,
    InvalidPrincipalError,
    PreconditionFailedError,
    QueueFullError,
    UrlRefusedError,
)
from ingest.errors import QuotaError, SourceError, TooLargeError
from ingest.lifecycle.source_registry import (
    SourceDocument,
    SourceSpec,
    SourceView,
    documents_of,
    forget_source,
    get_source,
    keep_source,
    list_sources,
)
from ingest.upload import Accepted

router = APIRouter(
    prefix="/v1/sources",
    tags=["sources"],
    route_class=GuardedRoute,
    responses=problem_responses(RoleError),
)

SourceId = Annotated[str, Path(max_length=40, examples=["src_0123456789abcdef01234567"])]


FETCH_FAILURES = (
    UrlRefusedError,
    FetchLimitError,
    FetchError,
    TooLargeError,
    QuotaError,
    QueueFullError,
)


class KeptSource(BaseModel):
    """A source, and the upload that its URL became."""

    source: SourceView
    upload: Accepted | None


class SourceList(BaseModel):
    """Your sources, oldest first."""

    items: list[SourceView]


class KnownList(BaseModel):
    """The documents of a source, by path."""

    items: list[SourceDocument]


@router.post(
    "",
    status_code=201,
    responses=problem_responses(
        SourceError, InvalidPrincipalError, PreconditionFailedError, *FETCH_FAILURES
    ),
)
def make_source(
    actor: CurrentCurator,
    library: CurrentLibrary,
    fetch: CurrentUrlImport,
    precondition: CurrentPrecondition,
    body: SourceRequest,
) -> KeptSource:
    """Make a source, or change the rules of yours; a URL is fetched before this answers."""
    spec = SourceSpec(
        kind=body.kind, location=body.location, allow=body.allow, deny=body.deny,
        licence=body.licence, retention_days=body.retention_days,
    )  # fmt: skip
    if spec.kind != "url":
        source = keep_source(
            library, actor, spec, precondition=precondition, caps=fetch.source_caps
        )
        return KeptSource(source=source, upload=None)
    source, upload = import_url(
        fetch.fetcher, library, actor, spec, limit_bytes=fetch.limit_bytes,
        precondition=precondition, caps=ImportCaps(fetch.source_caps, fetch.job_caps),
    )  # fmt: skip
    return KeptSource(source=source, upload=upload)


@router.get("")
def show_sources(actor: CurrentCurator, library: CurrentLibrary) -> SourceList:
    """List the sources that you made."""
    return SourceList(items=list_sources(library, actor))


@router.get("/{source_id}", response_model=SourceView, responses=NOT_MODIFIED)
def show_source(
    actor: CurrentCurator, library: CurrentLibrary, tagged: CurrentTagged, source_id: SourceId
) -> Any:
    """Return one of your sources."""
    return tagged.answer(get_source(library, actor, source_id))


@router.get("/{source_id}/documents")
def show_source_documents(
    actor: CurrentCurator, library: CurrentLibrary, source_id: SourceId
) -> KnownList:
    """List the documents of one of your sources: path, hash of what was last accepted, access."""
    return KnownList(items=documents_of(library, actor, source_id))


@router.post(
    "/{source_id}/refresh",
    status_code=202,
    responses=problem_responses(SourceError, *FETCH_FAILURES),
)
def refresh_source(
    actor: CurrentCurator, library: CurrentLibrary, fetch: CurrentUrlImport, source_id: SourceId
) -> Accepted:
    """Fetch a URL again; bytes that did not change make no new version."""
    source = get_source(library, actor, source_id)
    return fetch_source(
        fetch.fetcher, library, actor, source,
        limit_bytes=fetch.limit_bytes, caps=fetch.job_caps,
    )  # fmt: skip


@router.delete(
    "/{source_id}", status_code=204, responses=problem_responses(PreconditionFailedError)
)
def remove_source(
    actor: CurrentCurator,
    library: CurrentLibrary,
    precondition: CurrentPrecondition,
    source_id: SourceId,
) -> None:
    """Forget a source; its documents stay."""
    forget_source(library, actor, source_id, precondition=precondition)
