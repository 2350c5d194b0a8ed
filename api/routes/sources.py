"""Sources beyond upload, for curators: folders that are kept in step, and URLs."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from api.auth.dependencies import CurrentCurator
from api.documents.schemas import SourceRequest
from api.documents.url_import import fetch_source
from api.service import CurrentService
from index.egress.fetcher import check_url
from ingest.lifecycle.source_registry import (
    Known,
    SourceSpec,
    SourceView,
    documents_of,
    forget_source,
    get_source,
    keep_source,
    list_sources,
)
from ingest.upload import Accepted

router = APIRouter(prefix="/v1/sources", tags=["sources"])

SourceId = Annotated[str, Path(max_length=40, examples=["src_0123456789abcdef01234567"])]


class KeptSource(BaseModel):
    """A source, and the upload that its URL became."""

    source: SourceView
    upload: Accepted | None


class SourceList(BaseModel):
    """Your sources, oldest first."""

    items: list[SourceView]


class KnownList(BaseModel):
    """The documents of a source, by path."""

    items: list[Known]


@router.post("", status_code=201)
def make_source(service: CurrentService, actor: CurrentCurator, body: SourceRequest) -> KeptSource:
    """Make a source, or change the rules of yours; a URL is fetched before this answers."""
    spec = SourceSpec(
        kind=body.kind, location=body.location, allow=body.allow, deny=body.deny,
        licence=body.licence, retention_days=body.retention_days,
    )  # fmt: skip
    if body.kind == "url":
        check_url(body.location)
    source = keep_source(service.library, actor, spec)
    upload = fetch_source(service.parts, actor, source) if source.kind == "url" else None
    return KeptSource(source=source, upload=upload)


@router.get("")
def show_sources(service: CurrentService, actor: CurrentCurator) -> SourceList:
    """List the sources that you made."""
    return SourceList(items=list_sources(service.library, actor))


@router.get("/{source_id}/documents")
def show_source_documents(
    service: CurrentService, actor: CurrentCurator, source_id: SourceId
) -> KnownList:
    """List the documents of one of your sources: path, hash of what was last accepted, access."""
    return KnownList(items=documents_of(service.library, actor, source_id))


@router.post("/{source_id}/refresh", status_code=202)
def refresh_source(service: CurrentService, actor: CurrentCurator, source_id: SourceId) -> Accepted:
    """Fetch a URL again; bytes that did not change make no new version."""
    return fetch_source(service.parts, actor, get_source(service.library, actor, source_id))


@router.delete("/{source_id}", status_code=204)
def remove_source(service: CurrentService, actor: CurrentCurator, source_id: SourceId) -> None:
    """Forget a source; its documents stay."""
    forget_source(service.library, actor, source_id)
