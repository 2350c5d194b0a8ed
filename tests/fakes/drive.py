"""Google Drive's API on loopback: files with parents, permissions and a refusal on demand."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.fakes.web import Web, running_web, send

FOLDER = "application/vnd.google-apps.folder"
GOOGLE = "application/vnd.google-apps."


@dataclass
class StoredFile:
    """A file as the API's descriptions have it."""

    fields: dict
    body: bytes = b""
    permissions: list[dict] = field(default_factory=list)
    refusal: str | None = None
    """Why its permissions are not shown to this account."""


@dataclass
class Drive:
    """One account's view of a drive; a page has two entries, so that paging is always seen."""

    token: str = "t0ken"
    files: dict[str, StoredFile] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    """Refusals that come first, by the end of the path: status and reason."""
    is_incomplete: bool = False
    page_size: int = 2
    clock: int = 0

    def put(self, file_id, name, body="", *, parent="root", kind="text/plain", people=()):
        """Store a file or its new content."""
        self.clock += 1
        is_google = kind.startswith(GOOGLE)
        fields = {
            "id": file_id, "name": name, "mimeType": kind, "parents": [parent], "trashed": False,
            "modifiedTime": f"2026-11-30T10:00:{self.clock:02}.000Z",
        }  # fmt: skip
        if not is_google:
            checksum = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
            fields.update(size=str(len(body)), md5Checksum=checksum)
        permissions = [user(name) for name in people]
        self.files[file_id] = StoredFile(fields, body.encode(), permissions)

    def folder(self, file_id, name="Folder", parent="root"):
        self.put(file_id, name, parent=parent, kind=FOLDER)

    def remove(self, file_id):
        self.files[file_id].fields["trashed"] = True

    def answer(self, handler) -> None:
        """Answer one request as the API does."""
        parts = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix("/drive/v3/")
        self.requests.append((path, query))
        if handler.headers["Authorization"] != f"Bearer {self.token}":
            return _refuse(handler, 401, "authError")
        for end, refusals in self.answers.items():
            if path.endswith(end) and refusals:
                return _refuse(handler, *refusals.pop(0))
        return self._object(handler, path, query)

    def _object(self, handler, path, query) -> None:
        if path == "files":
            return self._list(handler, query)
        file_id, _, rest = path.removeprefix("files/").partition("/")
        if file_id not in self.files:
            return _refuse(handler, 404, "notFound")
        return self._one(handler, self.files[file_id], rest, query)

    def _one(self, handler, file, rest, query) -> None:
        if rest == "permissions":
            if file.refusal:
                return _refuse(handler, 403, file.refusal)
            return self._page(handler, "permissions", file.permissions, query)
        if rest != "export" and query.get("alt") != "media":
            return _send_json(handler, 200, _chosen(file.fields, query["fields"]))
        kind = file.fields["mimeType"]
        if kind.startswith(GOOGLE) != (rest == "export"):
            reason = "fileNotDownloadable" if rest != "export" else "fileNotExportable"
            return _refuse(handler, 403, reason)
        return send(handler, 200, file.body, {"Content-Type": query.get("mimeType", kind)})

    def _list(self, handler, query) -> None:
        parent = query["q"].removesuffix("' in parents and trashed = false").removeprefix("'")
        chosen = query["fields"].partition("files(")[2].rstrip(")")
        files = [
            _chosen(file.fields, chosen)
            for file in self.files.values()
            if parent in file.fields["parents"] and not file.fields["trashed"]
        ]
        more = {"incompleteSearch": self.is_incomplete}
        return self._page(handler, "files", files, query, more)

    def _page(self, handler, name, entries, query, more=None) -> None:
        start = int(query.get("pageToken", "0"))
        end = start + min(self.page_size, int(query["pageSize"]))
        token = {"nextPageToken": str(end)} if end < len(entries) else {}
        _send_json(handler, 200, {name: entries[start:end], **token, **(more or {})})


def user(name, **more):
    """Return a person's permission."""
    return {"type": "user", "role": "reader", "emailAddress": f"{name}@example.org", **more}


def _chosen(fields, names):
    return {name: fields[name] for name in names.split(",") if name in fields}


def _refuse(handler, status, reason):
    error = {"code": status, "message": "Refused.", "errors": [{"reason": reason}]}
    _send_json(handler, status, {"error": error})


def _send_json(handler, status, body):
    send(handler, status, json.dumps(body).encode(), {"Content-Type": "application/json"})


class _Pages(dict):
    """Every path is answered by the drive."""

    def __init__(self, drive: Drive) -> None:
        self._drive = drive

    def get(self, path, default=None):
        return self._drive.answer


@contextmanager
def running_drive() -> Iterator[tuple[Drive, Web]]:
    """Serve a drive that has one empty folder, ``root``."""
    with running_web() as web:
        drive = Drive()
        drive.folder("root", parent="none")
        web.pages = _Pages(drive)
        yield drive, web
