"""The port that a connector implements."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from index.types import AccessList


@dataclass(frozen=True, slots=True)
class ConnectedFile:
    """One file of a place, as its listing has it."""

    path: str
    """Names the file within the place, for good."""
    mark: str | None
    """Changes whenever the bytes do, such as an entity tag; none where only the bytes can tell."""
    readers: AccessList | None = None
    """Who may read it there, as principals; none where the place does not say.

    It can only narrow the source's list: nothing is published wider than the source is configured.
    """


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file's name and its bytes, which are read once."""

    filename: str
    blocks: Iterable[bytes]


class Connector(Protocol):
    """Reads one place."""

    def list_files(self) -> list[ConnectedFile]:
        """Return every file of the place.

        Raises:
            ConnectorError: the place cannot be listed whole; then nothing is taken for deleted.

        """
        ...

    def open_file(self, file: ConnectedFile) -> AbstractContextManager[OpenedFile]:
        """Open one of the files.

        Raises:
            ConnectorError: this file cannot be read; its document stays as it is.

        """
        ...
