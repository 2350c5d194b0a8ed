"""A source's documents in the store on this machine."""

from collections.abc import Iterable

from index.library import Library
from index.types import AccessList, Actor
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.source_registry import SourceDocument, documents_of
from ingest.upload import Upload, accept


class LocalSource:
    """One actor's source in an opened library."""

    def __init__(self, library: Library, actor: Actor, source_id: str, *, limit: int) -> None:
        self._library = library
        self._actor = actor
        self._source = source_id
        self._limit = limit

    def list_documents(self) -> list[SourceDocument]:
        """Return the documents of the source."""
        return documents_of(self._library, self._actor, self._source)

    def put(
        self,
        path: str,
        blocks: Iterable[bytes],
        access: AccessList,
        *,
        filename: str | None = None,
        mark: str | None = None,
    ) -> str:
        """Accept a file, or its new version, under its access list."""
        upload = Upload(
            filename or path,
            blocks,
            allow=sorted(access.allow),
            deny=sorted(access.deny),
            source_id=self._source,
            source_path=path,
            source_mark=mark,
        )
        return accept(self._library, self._actor, upload, limit_bytes=self._limit).job_id

    def remove(self, document_id: str) -> None:
        """Delete a document."""
        delete_document(self._library, self._actor, document_id)

    def restrict(self, document_id: str, access: AccessList) -> None:
        """Give a document this list although there is no new version of it."""
        edit = DocumentEdit(allow=sorted(access.allow), deny=sorted(access.deny))
        edit_document(self._library, self._actor, document_id, edit)
