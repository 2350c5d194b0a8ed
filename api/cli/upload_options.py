"""The options of ``footnote ingest`` that go with every upload, and where the uploads go."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from api.cli.local_store import local_actor, local_settings, open_local_ingestion
from api.cli.options import connect

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.composition.ingestion import IngestionPipeline
    from index.library import Library
    from index.types import Actor


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """The access list, priority and licence note of an upload, and where it is put."""

    allow: list[str]
    deny: list[str]
    priority: Literal["low", "normal", "high"] = "normal"
    licence: str | None = None
    collections: tuple[str, ...] = ()
    """The collections that the documents are put into."""


@dataclass(frozen=True, slots=True)
class LocalUploads:
    """A local store that takes uploads, and who uploads."""

    ingestion: "IngestionPipeline"
    actor: "Actor"
    limit_bytes: int
    """The largest upload."""

    @property
    def library(self) -> "Library":
        """The store that the uploads go to."""
        return self.ingestion.library


@dataclass(frozen=True, slots=True)
class Destination:
    """A data folder and who acts on it, or a running service and a key."""

    data: Path | None
    principals: Sequence[str]
    server: str | None
    key: str | None

    def connect(self) -> "Remote | None":
        """Return a client of the service, or none where the store is local."""
        return connect(self.server, self.key, self.principals)

    @contextmanager
    def open(self) -> Iterator[LocalUploads]:
        """Open the local store for uploads, for the length of the block."""
        with open_local_ingestion(self.data) as ingestion:
            actor = local_actor(ingestion.library.database, self.principals)
            yield LocalUploads(ingestion, actor, local_settings(self.data).upload_limit)
