"""A URL source's way in: fetched through the one way out, then accepted like an upload."""

from typing import TYPE_CHECKING

from index.types import Actor
from ingest.errors import SourceError
from ingest.lifecycle.source_registry import SourceView
from ingest.upload import Accepted, Upload, accept

if TYPE_CHECKING:
    from api.composition.container import Parts


def fetch_source(parts: "Parts", actor: Actor, source: SourceView) -> Accepted:
    """Fetch what is at a source's URL and accept it under the source's rules.

    Raises:
        SourceError: the source is not a URL.
        UrlRefusedError, FetchError, FetchLimitError: it cannot be fetched.

    """
    if source.kind != "url":
        raise SourceError(
            "Only a URL can be fetched; a folder is kept in step by `ingest --watch`."
        )
    with parts.fetcher.fetch(source.location) as fetched:
        upload = Upload(
            fetched.filename,
            fetched.blocks,
            allow=source.allow,
            deny=source.deny,
            source_id=source.source_id,
            source_path=source.location,
        )
        return accept(parts.library, actor, upload, limit_bytes=parts.settings.upload_limit)
