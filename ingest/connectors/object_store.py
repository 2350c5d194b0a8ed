"""A bucket of an object store, or a folder in it, through fsspec.

The credentials are those of whoever runs the command, found as the store's own tools find them;
they are never stored. What the store's access lists say about its own accounts is not mapped: they
are no people.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

from ingest.connectors.connector import ConnectedFile, OpenedFile
from ingest.errors import ConnectorError

_BLOCK = 1 << 20


class ObjectStore:
    """The objects below a URL such as ``s3://bucket/folder``."""

    def __init__(self, location: str) -> None:
        """Prepare a connector.

        Raises:
            ConnectorError: the extra for this kind of store is not installed.

        """
        import fsspec

        try:
            self._files, self._root = fsspec.core.url_to_fs(location, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise ConnectorError(f"{location} cannot be opened: {error}") from error

    def list_files(self) -> list[ConnectedFile]:
        """Return every object; those whose names begin with a dot, or lie below such, are left."""
        try:
            self._files.info(self._root)  # a folder that is not there has an empty listing
            entries: dict[str, Any] = self._files.find(self._root, detail=True)
        except Exception as error:  # each store's library raises errors of its own
            raise ConnectorError(f"The store cannot be listed: {error}") from error
        root = self._root.rstrip("/") + "/"
        files = []
        for name, entry in sorted(entries.items()):
            path = name.removeprefix(root)
            is_hidden = any(part.startswith(".") for part in path.split("/"))
            if entry.get("size") and not is_hidden:
                files.append(ConnectedFile(path, _mark(entry)))
        return files

    @contextmanager
    def open_file(self, file: ConnectedFile) -> Iterator[OpenedFile]:
        """Open one object."""
        path = f"{self._root.rstrip('/')}/{file.path}"
        try:
            with self._files.open(path, "rb") as stream:
                blocks = iter(lambda: stream.read(_BLOCK), b"")
                yield OpenedFile(PurePosixPath(file.path).name, blocks)
        except FileNotFoundError as error:
            raise ConnectorError("The object is gone.") from error


def _mark(entry: dict[str, Any]) -> str | None:
    """Return the entity tag of an object, or when it was written and how long it is."""
    tag = entry.get("ETag") or entry.get("etag")
    if tag:
        return str(tag).strip('"')
    modified_at = entry.get("LastModified") or entry.get("mtime") or entry.get("updated")
    return f"{modified_at}/{entry['size']}" if modified_at else None
