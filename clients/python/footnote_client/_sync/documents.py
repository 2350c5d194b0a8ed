"""Documents: upload, list, read, change, delete."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from footnote_client._sync.pages import iterate
from footnote_client._sync.sender import Sender
from footnote_client.models import DocumentPage, DocumentView, Receipt, UploadResponse
from footnote_client.requests import (
    Progress,
    Source,
    UploadFile,
    change,
    get,
    listed,
    upload,
    without_none,
)
from footnote_client.streams import Stream

Priority = Literal["low", "normal", "high"]


class Documents:
    """The documents that you may read."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def upload(
        self,
        source: Source,
        *,
        filename: str | None = None,
        allow: Iterable[str] | None = None,
        deny: Iterable[str] | None = None,
        title: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        licence: str | None = None,
        priority: Priority | None = None,
        progress: Progress | None = None,
        idempotency_key: str | None = None,
    ) -> UploadResponse:
        """Upload a file; it is durable when this returns, searchable when its job succeeds.

        Args:
            source: a path, an open binary file, or bytes.
            filename: its name; needed for bytes, and for a file that has none.
            allow: principals that may read it, such as ``group:hr/all``; default: only you.
            deny: principals that may not, whatever ``allow`` says.
            title: default: the document's own.
            attributes: pairs of your own, for filters.
            licence: what may be done with it.
            priority: of its job; ``high`` is for curators and administrators.
            progress: called with the bytes sent and the size, as they are sent.
            idempotency_key: repeats of one key are one upload; default: a new key for this call.

        """
        fields = {
            "allow": listed(allow),
            "deny": listed(deny),
            "title": title,
            "attributes": None if attributes is None else json.dumps(dict(attributes)),
            "licence": licence,
            "priority": priority,
        }
        file = UploadFile(source, filename, progress)
        request = upload("POST", "/v1/documents", file, fields, key=idempotency_key)
        response = self._sender.send(request)
        return UploadResponse.model_validate(response.json())

    def replace(
        self,
        document_id: str,
        source: Source,
        *,
        filename: str | None = None,
        progress: Progress | None = None,
        idempotency_key: str | None = None,
        if_match: str | None = None,
    ) -> UploadResponse:
        """Upload a new version; the old one stays searchable until the new one is."""
        file = UploadFile(source, filename, progress)
        path = f"/v1/documents/{document_id}/content"
        request = upload("PUT", path, file, {}, key=idempotency_key, if_match=if_match)
        response = self._sender.send(request)
        return UploadResponse.model_validate(response.json())

    def list(self, *, page_size: int = 100) -> Stream[DocumentView]:
        """Yield every document that you may read, newest first."""
        return iterate(self._sender, "/v1/documents", DocumentPage, page_size)

    def get(self, document_id: str) -> DocumentView:
        """Return one document without its content."""
        response = self._sender.send(get(f"/v1/documents/{document_id}"))
        return DocumentView.model_validate(response.json())

    def text(self, document_id: str) -> str:
        """Return the text that the offsets of citations count in, in code points."""
        response = self._sender.send(get(f"/v1/documents/{document_id}/text"))
        return response.text

    def content(self, document_id: str) -> bytes:
        """Return the original file."""
        response = self._sender.send(get(f"/v1/documents/{document_id}/content"))
        return response.content

    def download(self, document_id: str, target: str | Path) -> None:
        """Write the original file to a path, block by block."""
        with self._sender.stream(get(f"/v1/documents/{document_id}/content")) as response:
            with Path(target).open("wb") as file:
                file.writelines(response.iter_bytes())

    def update(
        self,
        document_id: str,
        *,
        allow: Iterable[str] | None = None,
        deny: Iterable[str] | None = None,
        title: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        authoritative: bool | None = None,
        if_match: str | None = None,
        reason: str | None = None,
    ) -> DocumentView | None:
        """Change a document; the next request sees it.

        Returns the document, or none where it is no longer yours to read.
        """
        body = without_none(
            {
                "allow": listed(allow),
                "deny": listed(deny),
                "title": title,
                "attributes": None if attributes is None else dict(attributes),
                "authoritative": authoritative,
            }
        )
        path = f"/v1/documents/{document_id}"
        response = self._sender.send(change("PATCH", path, body, if_match=if_match, reason=reason))
        return DocumentView.model_validate(response.json()) if response.content else None

    def delete(
        self, document_id: str, *, if_match: str | None = None, reason: str | None = None
    ) -> Receipt:
        """Delete a document; it is gone from the next search on."""
        request = change("DELETE", f"/v1/documents/{document_id}", if_match=if_match, reason=reason)
        response = self._sender.send(request)
        return Receipt.model_validate(response.json())
