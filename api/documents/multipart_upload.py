"""A multipart upload, read as it streams: small fields in memory, the file on disk."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import anyio
from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.body_limits import DRAIN_SECONDS, FORM_OVERHEAD
from api.errors import InvalidRequestError, MalformedBodyError
from index.storage.digests import blocks_of
from index.text.untrusted_input import require_json
from ingest.errors import TooLargeError
from ingest.queue.jobs import PRIORITIES, Priority

FIELDS = 200
"""Form fields an upload may have."""

TEXT_LIMIT = 4096
"""Characters of a path or a note."""

FILE_WANTED = "Send the document as a form field `file` with a file name."
PART_WANTED = "Send the bytes of the part as a form field `data` with a file name."

CHARSETS = (b"utf-8", b"utf8", b"us-ascii", b"iso-8859-1", b"latin-1")
"""Character sets of a form, as its content type names them."""

ATTRIBUTES_LIMIT = 64 * 1024
"""Bytes of the JSON in ``attributes``."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of an upload."""

    file: BinaryIO
    filename: str
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    title: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    priority: Priority = "normal"
    source_id: str | None = None
    source_path: str = ""
    source_mark: str | None = None
    licence: str | None = None
    purpose: str = ""
    """The purpose of a file of OpenAI's API; those have one."""
    lifetime: tuple[str, str] = ("", "")
    """The anchor and the seconds after which a file of OpenAI's API expires."""

    def blocks(self) -> Iterator[bytes]:
        """Yield the file in blocks of 1 MiB."""
        return blocks_of(self.file)


@asynccontextmanager
async def read_upload(request: Request, *, limit: int) -> AsyncIterator[Form]:
    """Yield the form of an upload; its temporary file is gone when the block ends.

    Raises:
        TooLargeError: as soon as more bytes have come than the limit allows.
        MalformedBodyError: the body is not a multipart form.
        InvalidRequestError: a field is missing or does not fit.

    """
    async with _read_fields(request, limit, FILE_WANTED) as data:
        yield _form(data)


@asynccontextmanager
async def read_part(request: Request, *, limit: int) -> AsyncIterator[Iterator[bytes]]:
    """Yield the blocks of one part of a file; its temporary file is gone when the block ends.

    Raises:
        TooLargeError, MalformedBodyError, InvalidRequestError: as ``read_upload``.

    """
    async with _read_fields(request, limit, PART_WANTED) as data:
        part = data.get("data")
        if not isinstance(part, UploadFile):
            raise InvalidRequestError(PART_WANTED)
        yield blocks_of(part.file)


@asynccontextmanager
async def _read_fields(request: Request, limit: int, remedy: str) -> AsyncIterator[FormData]:
    if "content-type" not in request.headers:  # nor a body: the gate refuses one without a type
        raise InvalidRequestError(remedy)
    _check_charset(request.headers["content-type"])
    parser = MultiPartParser(
        request.headers, _limited_blocks(request, limit), max_files=1, max_fields=FIELDS
    )
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise MalformedBodyError(f"The multipart form cannot be read: {error.message}") from error
    try:
        yield data
    finally:
        await data.close()


def _check_charset(content_type: str) -> None:
    """Refuse a form in other letters than those that are read as fast as they come.

    The reader of forms decodes with whatever codec the request names, in the event loop, and some
    of Python's are quadratic (punycode) or make lone surrogates (unicode_escape).

    Raises:
        MalformedBodyError: the form names another character set.

    """
    charset = parse_options_header(content_type)[1].get(b"charset", b"utf-8")
    if charset.strip().lower() not in CHARSETS:
        raise MalformedBodyError("Send the form in UTF-8.")


async def _limited_blocks(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    stream = aiter(request.stream())
    async for block in stream:
        size += len(block)
        if size > limit + FORM_OVERHEAD:
            with anyio.move_on_after(DRAIN_SECONDS):  # so that the sender gets to read why
                async for _dropped in stream:
                    pass
            raise TooLargeError(f"A file may have at most {limit} bytes.")
        yield block


def _form(data: FormData) -> Form:
    file = data.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidRequestError(FILE_WANTED)
    return Form(
        file=file.file,
        filename=file.filename or "document",
        allow=(*_texts(data, "allow"), *_texts(data, "allow[]")),  # as OpenAI's clients send lists
        deny=(*_texts(data, "deny"), *_texts(data, "deny[]")),
        title=_text(data, "title").strip() or None,
        attributes=_attributes(data.get("attributes")),
        priority=_priority(data.get("priority")),
        source_id=_text(data, "source") or None,
        source_path=_text(data, "source_path"),
        source_mark=_text(data, "source_mark") or None,
        licence=_text(data, "licence") or None,
        purpose=_text(data, "purpose"),
        lifetime=(_text(data, "expires_after[anchor]"), _text(data, "expires_after[seconds]")),
    )


def _priority(value: object) -> Priority:
    for priority in PRIORITIES:
        if value == priority:
            return priority
    if value in (None, ""):
        return "normal"
    raise InvalidRequestError("`priority` is low, normal or high.")


def _text(data: FormData, name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str) or len(value) > TEXT_LIMIT or "\x00" in value:
        raise InvalidRequestError(f"`{name}` is a text of at most {TEXT_LIMIT} characters.")
    return value


def _texts(data: FormData, name: str) -> tuple[str, ...]:
    return tuple(
        part.strip()
        for value in data.getlist(name)
        if isinstance(value, str)
        for part in value.split(",")
        if part.strip()
    )


def _attributes(value: object) -> dict[str, Any]:
    if value is None or value == "":
        return {}
    try:
        if not isinstance(value, str) or len(value) > ATTRIBUTES_LIMIT:
            raise InvalidRequestError("`attributes` is a JSON object of at most 64 KiB.")
        attributes = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("`attributes` is not valid JSON.") from error
    if not isinstance(attributes, dict):
        raise InvalidRequestError("`attributes` is a JSON object.")
    require_json(attributes, "`attributes`")
    return attributes
