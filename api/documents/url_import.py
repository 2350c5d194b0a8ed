"""Fetches the document at a source's URL through egress and accepts it like an upload."""

from index.egress import Fetcher
from index.library import Library
from index.types import Actor
from ingest.errors import SourceError
from ingest.lifecycle.source_registry import SourceView
from ingest.upload import Accepted, Upload, accept


def fetch_source(
    fetcher: Fetcher, library: Library, actor: Actor, source: SourceView, *, limit_bytes: int
) -> Accepted:
    """Fetch the document at a source's URL and accept it under the source's rules.

    Raises:
        SourceError: the source is not a URL.
        UrlRefusedError, FetchError, FetchLimitError: it cannot be fetched.

    """
    if source.kind != "url":
        raise SourceError(
            "Only a URL can be fetched; a folder is kept in step by `ingest --watch`."
        )
    with fetcher.fetch(source.location) as response:
        upload = Upload(
            response.filename,
            response.blocks,
            allow=source.allow,
            deny=source.deny,
            source_id=source.source_id,
            source_path=source.location,
        )
        return accept(library, actor, upload, limit_bytes=limit_bytes)
