"""Requests as data: one function for each kind, so that both clients send the same bytes."""

import io
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

Progress = Callable[[int, int], None]
"""Called with the bytes that were sent, and with how many there are."""

Source = str | Path | BinaryIO | bytes
"""A file to upload: its path, an open file, or its bytes."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the service."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    data: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a form; a list is sent as several fields of one name."""
    file: "UploadFile | None" = None
    headers: Mapping[str, str] = field(default_factory=dict)
    is_repeatable: bool = False
    """To send it again changes nothing, or the service recognises the repeat."""


def get(path: str, **params: Any) -> Request:
    """Return a request that reads."""
    return Request("GET", path, params=without_none(params), is_repeatable=True)


def change(
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    if_match: str | None = None,
    reason: str | None = None,
) -> Request:
    """Return a request that changes something; it is sent again only where nothing was done."""
    return Request(
        method,
        path,
        params=without_none(params or {}),
        json=body,
        headers=change_headers(if_match=if_match, reason=reason),
    )


def recognised(path: str, body: Mapping[str, Any], key: str | None) -> Request:
    """Return a POST that the service recognises when it comes again."""
    return Request(
        "POST", path, json=body, headers={"Idempotency-Key": key or new_key()}, is_repeatable=True
    )


def reading(path: str, body: Mapping[str, Any]) -> Request:
    """Return a POST that changes nothing."""
    return Request("POST", path, json=body, is_repeatable=True)


def upload(
    method: str,
    path: str,
    file: "UploadFile",
    fields: Mapping[str, Any],
    *,
    key: str | None = None,
    if_match: str | None = None,
) -> Request:
    """Return an upload; its key makes the service recognise a repeat."""
    headers = {"Idempotency-Key": key or new_key(), **change_headers(if_match=if_match)}
    return Request(
        method, path, data=without_none(fields), file=file, headers=headers, is_repeatable=True
    )


def new_key() -> str:
    """Return a key for one request and its repeats."""
    return secrets.token_hex(16)


def change_headers(*, if_match: str | None = None, reason: str | None = None) -> dict[str, str]:
    """Return the headers of a change: the state that it is meant for, and why it is made."""
    headers = {"If-Match": if_match, "Audit-Reason": quote(reason) if reason else None}
    return {name: value for name, value in headers.items() if value is not None}


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def listed(values: Iterable[str] | None) -> list[str] | None:
    """Return ids or principals as a list; a single text is one of them, not its letters."""
    if values is None:
        return None
    return [values] if isinstance(values, str) else list(values)


class UploadFile:
    """A file that can be sent more than once, and tells how far it is."""

    def __init__(self, source: Source, filename: str | None, progress: Progress | None) -> None:
        """Take a path, an open file that can seek, or bytes.

        Raises:
            ValueError: an open file or bytes without a file name.

        """
        self._source = Path(source) if isinstance(source, str) else source
        own_name = getattr(self._source, "name", None)
        name = filename or (Path(own_name).name if isinstance(own_name, str) else None)
        if not name:
            raise ValueError("Give the file's name: filename='handbook.pdf'.")
        self.filename: str = name
        self._progress = progress

    def open(self) -> "ProgressReader":
        """Return the file at its beginning; close it after each attempt."""
        if isinstance(self._source, Path):
            return ProgressReader(self._source.open("rb"), self._progress, is_own=True)
        if isinstance(self._source, bytes):
            return ProgressReader(io.BytesIO(self._source), self._progress, is_own=True)
        self._source.seek(0)
        return ProgressReader(self._source, self._progress, is_own=False)


class ProgressReader:
    """A file that tells how many of its bytes were read."""

    def __init__(self, file: BinaryIO, progress: Progress | None, *, is_own: bool) -> None:
        self._file = file
        self._progress = progress
        self._is_own = is_own
        self.size = file.seek(0, 2)
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, and report how far the file is."""
        block = self._file.read(size)
        if block and self._progress is not None:
            self._progress(self._file.tell(), self.size)
        return block

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position; the encoder of forms measures the file with it."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file, unless somebody else opened it."""
        if self._is_own:
            self._file.close()
