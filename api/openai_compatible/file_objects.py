"""Files of OpenAI's API: a file is a document of ours, under the same id."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from api.errors import ParameterError
from api.openai_compatible.cursor_pages import ObjectPage, PageRequest, object_page, select_page
from index.access.classes import readable
from index.db.database import Database
from index.db.tables.documents import Document, Version
from index.db.tables.openai_files import FilePurpose
from index.document_choice import State
from index.documents import IS_SHOWN, document_state
from index.errors import NotFoundError
from index.text.untrusted_input import fit_text
from index.types import AccessList, Actor, Scope

Purpose = Literal["assistants", "user_data"]
FileStatus = Literal["uploaded", "processed", "error"]

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
UNNAMED_PURPOSE: Purpose = "user_data"
"""The purpose of a document that came otherwise than as a file of OpenAI's API."""

SHORTEST_LIFETIME, LONGEST_LIFETIME = 3600, 2_592_000
"""Seconds after its creation at which a file may expire."""

STATUSES: dict[State, FileStatus] = {
    "processing": "uploaded", "ready": "processed", "failed": "error", "quarantined": "error",
}  # fmt: skip


class FileView(BaseModel):
    """A file: a document that you may read."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    """The document's id."""
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    """Seconds since 1970."""
    expires_at: int | None
    filename: str
    purpose: Purpose
    """`user_data` for a document that was uploaded otherwise."""
    status: FileStatus
    """`processed` is searchable, `error` failed or is in quarantine."""
    status_details: str | None = None


class FileList(ObjectPage[FileView]):
    """The files that you may read."""


class DeletedFile(BaseModel):
    """A file that is gone."""

    id: str
    object: Literal["file"] = "file"
    deleted: Literal[True] = True


def list_files(
    database: Database, scope: Scope, request: PageRequest, purpose: str | None = None
) -> FileList:
    """Return a page of the documents that the scope may read, as files."""
    statement = _files(scope)
    if purpose is not None:
        statement = statement.where(func.coalesce(FilePurpose.purpose, UNNAMED_PURPOSE) == purpose)

    def key_of(file_id: str) -> int | None:
        found_key = select(Document.key).where(Document.id == file_id, readable(scope))
        return session.scalar(found_key)

    with database.read() as session:
        rows, has_more = select_page(session, statement, Document.key, key_of, request)
        items = [_view(session, row[0], row[1], row[2]) for row in rows]
    return FileList(**object_page(items, has_more=has_more))


def get_file(database: Database, scope: Scope, file_id: str) -> FileView:
    """Return one file.

    Raises:
        NotFoundError: it does not exist, or not for this scope.

    """
    with database.read() as session:
        row = session.execute(_files(scope).where(Document.id == file_id)).first()
        if row is None:
            raise NotFoundError
        return _view(session, *row)


def check_purpose(purpose: str) -> Purpose:
    """Return a purpose that files may have here.

    Raises:
        ParameterError: it is another one, or there is none.

    """
    if purpose not in PURPOSES:
        names = " and ".join(f"'{name}'" for name in PURPOSES)
        raise ParameterError(f"The purposes that are offered are {names}", "purpose")
    return purpose


def check_readers(actor: Actor, allow: Sequence[str], deny: Sequence[str]) -> None:
    """Check that the uploader is among the readers, where some are named.

    Raises:
        ParameterError: the uploader could not read the file.
        InvalidPrincipalError, InvalidAccessListError: the access list is not usable.

    """
    if allow and not AccessList.of(allow, deny).admits(actor.scope):
        raise ParameterError("name yourself or a group of yours too", "allow")


def check_lifetime(anchor: str, seconds: str | int) -> int:
    """Return the seconds after which a file expires.

    Raises:
        ParameterError: the anchor or the number does not fit.

    """
    if anchor != "created_at":
        raise ParameterError("the anchor is 'created_at'", "expires_after", "anchor")
    try:
        lifetime = int(seconds)
    except ValueError:
        lifetime = 0
    if not SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        raise ParameterError(
            f"it is between {SHORTEST_LIFETIME} and {LONGEST_LIFETIME}", "expires_after", "seconds"
        )
    return lifetime


def _files(scope: Scope) -> Select[Document, Version, str | None]:
    return (
        select(Document, Version, FilePurpose.purpose)
        .join(Version, Version.document_key == Document.key)
        .outerjoin(FilePurpose, FilePurpose.document_key == Document.key)
        .where(readable(scope), IS_SHOWN)
    )


def _view(session: Session, document: Document, version: Version, purpose: Any) -> FileView:
    return FileView(
        id=document.id,
        bytes=version.size,
        created_at=int(document.created_at.timestamp()),
        expires_at=None if document.expires_at is None else int(document.expires_at.timestamp()),
        filename=fit_text(document.filename),
        purpose=purpose or UNNAMED_PURPOSE,
        status=STATUSES[document_state(session, document)],
    )
