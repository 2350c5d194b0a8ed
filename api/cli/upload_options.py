"""The options of ``footnote ingest`` that go with every upload, and where the uploads go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from api.cli.options import connect, local_actor, open_container

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.composition.container import Parts
    from index.types import Actor


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """The access list, priority and licence note of an upload."""

    allow: list[str]
    deny: list[str]
    priority: Literal["low", "normal", "high"] = "normal"
    licence: str | None = None


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

    def open(self) -> "tuple[Parts, Actor]":
        """Open the local store and return it with who acts on it."""
        container = open_container(self.data)
        return container, local_actor(container, self.principals)
