"""The files below a folder of Google Drive, with those who may read them there.

A file's permissions narrow the source's list: each account is the principal that a file of the
operator's says, or nobody. Google's own formats are exported as the formats of office programs.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from index.egress.fetcher import FetchedFile
from index.errors import FetchError
from index.types import AccessList
from ingest.connectors.connector import ConnectedFile, OpenedFile
from ingest.connectors.drive_client import (
    UNAUTHORIZED,
    DriveClient,
    DriveFile,
    DrivePermission,
    FilePage,
    PermissionPage,
)
from ingest.connectors.reader_map import ReaderMap
from ingest.errors import ConnectorError

_GOOGLE = "application/vnd.google-apps."
_FOLDER = f"{_GOOGLE}folder"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_EXPORTS = {
    f"{_GOOGLE}document": (f"{_OFFICE}wordprocessingml.document", ".docx"),
    f"{_GOOGLE}spreadsheet": (f"{_OFFICE}spreadsheetml.sheet", ".xlsx"),
    f"{_GOOGLE}presentation": (f"{_OFFICE}presentationml.presentation", ".pptx"),
    f"{_GOOGLE}drawing": ("application/pdf", ".pdf"),
}
"""Google's formats that become files; forms, sites, scripts, maps and shortcuts are left out."""
_READING_ROLES = frozenset({"owner", "organizer", "fileOrganizer", "writer", "commenter", "reader"})
_EVERY_DRIVE = {"supportsAllDrives": "true"}
_FILE_FIELDS = "id,name,mimeType,trashed,size,md5Checksum,modifiedTime"
_NO_RIGHT = b'"insufficientFilePermissions"'
_LONGEST_MARK = 150


@dataclass(frozen=True, slots=True)
class DriveLimits:
    """How much is taken from one folder."""

    files: int = 20_000
    folders: int = 5_000


class GoogleDrive:
    """The files below one folder, or of one shared drive."""

    def __init__(
        self,
        folder: str,
        client: DriveClient,
        readers: ReaderMap,
        limits: DriveLimits = DriveLimits(),
    ) -> None:
        """Prepare a connector for the id of a folder, as its address in the browser ends.

        Raises:
            ConnectorError: it is no id.

        """
        if not re.fullmatch(r"[\w-]{1,200}", folder):
            raise ConnectorError("A folder of Drive is gdrive://ID, as its address ends.")
        self._folder = folder
        self._client = client
        self._readers = readers
        self._limits = limits
        self._files: dict[str, DriveFile] = {}

    def list_files(self) -> list[ConnectedFile]:
        """Return the files of the folder and those below it, each with its readers.

        A file's path is its id: names may be equal, and change. Where this account may not see a
        file's permissions, nobody is among its readers.
        """
        try:
            folder = self._client.get(
                DriveFile, f"files/{self._folder}", fields=_FILE_FIELDS, **_EVERY_DRIVE
            )
            if folder.trashed or folder.mime_type != _FOLDER:
                raise ConnectorError("There is no such folder in Drive, or it is in the bin.")
            self._files = {file.id: file for file in self._files_below()}
            return [
                ConnectedFile(file.id, _mark(file), self._readers_of(file))
                for file in self._files.values()
            ]
        except FetchError as error:
            raise ConnectorError(f"The folder cannot be listed. {_reason(error)}") from error

    @contextmanager
    def open_file(self, file: ConnectedFile) -> Iterator[OpenedFile]:
        """Download a file, or export it; Drive exports at most 10 MB."""
        drive_file = self._files[file.path]
        try:
            with self._content(drive_file) as content:
                yield OpenedFile(_filename(drive_file), content.blocks)
        except FetchError as error:
            reason = f"{drive_file.name!r} cannot be read. {_reason(error)}"
            raise ConnectorError(reason) from error

    @contextmanager
    def _content(self, file: DriveFile) -> Iterator[FetchedFile]:
        path = f"files/{file.id}"
        if file.mime_type in _EXPORTS:
            kind, _ = _EXPORTS[file.mime_type]
            answer = self._client.open(f"{path}/export", mimeType=kind)
        else:
            answer = self._client.open(path, alt="media", **_EVERY_DRIVE)
        with answer as content:
            yield content

    def _files_below(self) -> Iterator[DriveFile]:
        """Yield the files of the folder and of those below it."""
        folders, number = [self._folder], 0
        for folder in folders:  # it grows
            for file in self._children(folder):
                if file.name.startswith("."):
                    continue
                if file.mime_type == _FOLDER:
                    folders.append(file.id)
                elif _has_content(file):
                    number += 1
                    yield file
                if number > self._limits.files or len(folders) > self._limits.folders:
                    raise ConnectorError(
                        f"The folder has more than {self._limits.files:,} files or "
                        f"{self._limits.folders:,} folders."
                    )

    def _children(self, folder: str) -> Iterator[DriveFile]:
        pages = self._client.pages(
            FilePage,
            "files",
            q=f"'{folder}' in parents and trashed = false",
            fields=f"nextPageToken,incompleteSearch,files({_FILE_FIELDS})",
            pageSize="1000",
            includeItemsFromAllDrives="true",
            **_EVERY_DRIVE,
        )
        for page in pages:
            yield from page.files

    def _readers_of(self, file: DriveFile) -> AccessList:
        """Return who may read a file, as principals.

        Raises:
            FetchError: its permissions are not there, for another reason than a missing right.

        """
        pages = self._client.pages(
            PermissionPage,
            f"files/{file.id}/permissions",
            fields="nextPageToken,permissions(type,role,emailAddress,domain,deleted,view)",
            pageSize="100",
            **_EVERY_DRIVE,
        )
        try:
            permissions = [each for page in pages for each in page.permissions]
        except FetchError as error:
            if _NO_RIGHT not in error.refusal:
                raise
            permissions = []
        return self._readers.readers(_account(each) for each in permissions if _admits(each))


def _has_content(file: DriveFile) -> bool:
    """Tell whether there is something to read: an export, or bytes."""
    if file.mime_type.startswith(_GOOGLE):
        return file.mime_type in _EXPORTS
    return file.size != "0"


def _mark(file: DriveFile) -> str | None:
    """Return the bytes' checksum or the time of the last change, with the name."""
    version = file.md5_checksum or file.modified_time
    return f"{version} {file.name}"[:_LONGEST_MARK] if version else None


def _filename(file: DriveFile) -> str:
    """Return a name by which the kind of the bytes is known."""
    _, suffix = _EXPORTS.get(file.mime_type, ("", ""))
    name = file.name.replace("/", "_")
    return name if name.lower().endswith(suffix) else f"{name}{suffix}"


def _admits(permission: DrivePermission) -> bool:
    """Tell whether a permission lets somebody read the file; those of a view may show less."""
    return permission.role in _READING_ROLES and permission.view is None and not permission.deleted


def _account(permission: DrivePermission) -> str:
    """Return how the readers' file names whom a permission is for; nothing for unknown types."""
    if permission.type in {"user", "group"}:
        return permission.email_address or ""
    if permission.type == "domain":
        return f"domain:{permission.domain}" if permission.domain else ""
    return "anyone" if permission.type == "anyone" else ""


def _reason(error: FetchError) -> str:
    """Return a reason, and what to do where that is known."""
    if error.answered == UNAUTHORIZED:
        return "Drive refuses the token: it is wrong or has expired. Give a new one."
    if b'"exportSizeLimitExceeded"' in error.refusal:
        return "It is over the 10 MB that Drive exports. Split it."
    return str(error)
