"""Fetches the document at a source's URL through egress and accepts it like an upload."""

from dataclasses import dataclass

from index.egress.fetcher import FetchedFile, Fetcher
from index.entity_tags import UNCONDITIONAL, Precondition
from index.library import Library
from index.queue_caps import UNCAPPED, QueueCaps
from index.types import AccessList, Actor
from ingest.errors import SourceError
from ingest.lifecycle.source_registry import SourceSpec, SourceView, keep_source
from ingest.upload import Accepted, Upload, accept


@dataclass(frozen=True, slots=True)
class ImportCaps:
    """How many sources there may be, and how many of their documents may wait."""

    sources: QueueCaps = UNCAPPED
    jobs: QueueCaps = UNCAPPED


def import_url(
    fetcher: Fetcher,
    library: Library,
    actor: Actor,
    spec: SourceSpec,
    *,
    limit_bytes: int,
    precondition: Precondition = UNCONDITIONAL,
    caps: ImportCaps = ImportCaps(),
) -> tuple[SourceView, Accepted]:
    """Make a URL a source and accept the document there.

    The server is asked first: a URL that is refused, or whose server does not answer, becomes no
    source and changes the rules of none.

    Raises:
        InvalidPrincipalError, InvalidAccessListError: the access list is not usable.
        PreconditionFailedError: the source is in another state than the change is meant for.
        UrlRefusedError, FetchError, FetchLimitError: it cannot be fetched.

    """
    AccessList.of(spec.allow or [actor.owner], spec.deny)
    with fetcher.fetch(spec.location) as response:
        source = keep_source(library, actor, spec, precondition=precondition, caps=caps.sources)
        return source, _accept_file(library, actor, source, response, limit_bytes, caps.jobs)


def fetch_source(
    fetcher: Fetcher,
    library: Library,
    actor: Actor,
    source: SourceView,
    *,
    limit_bytes: int,
    caps: QueueCaps = UNCAPPED,
) -> Accepted:
    """Fetch the document at a source's URL and accept it under the source's rules.

    Raises:
        SourceError: the source is not a URL.
        UrlRefusedError, FetchError, FetchLimitError: it cannot be fetched.

    """
    if source.kind != "url":
        raise SourceError(
            "Only a URL can be fetched; a folder is kept in step by `ingest --watch`, other places "
            "by `ingest --from`."
        )
    with fetcher.fetch(source.location) as response:
        return _accept_file(library, actor, source, response, limit_bytes, caps)


def _accept_file(
    library: Library,
    actor: Actor,
    source: SourceView,
    response: FetchedFile,
    limit_bytes: int,
    caps: QueueCaps,
) -> Accepted:
    upload = Upload(
        response.filename,
        response.blocks,
        allow=source.allow,
        deny=source.deny,
        source_id=source.source_id,
        source_path=source.location,
    )
    return accept(library, actor, upload, limit_bytes=limit_bytes, caps=caps)
