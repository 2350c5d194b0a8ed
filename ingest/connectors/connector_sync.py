"""Bring a source in step with a place: what is new, what has changed, what is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from index.errors import FootnoteError
from index.types import AccessList
from ingest.connectors.connector import ConnectedFile, Connector
from ingest.lifecycle.source_registry import SourceDocument, SourceView
from ingest.sync.folder_sync import Event, SourceTarget


class ConnectorTarget(SourceTarget, Protocol):
    """A source's documents, whose readers a place may change."""

    def restrict(self, document_id: str, access: AccessList) -> None:
        """Give a document this list although there is no new version of it."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectorSync:
    """Brings a target in step with a place, once."""

    connector: Connector
    target: ConnectorTarget
    source: SourceView

    def run(self) -> Iterator[Event]:
        """Bring in what is new or changed, delete what is gone; one file's failure is an event.

        Raises:
            ConnectorError: the place cannot be listed whole; nothing was changed.

        """
        files = {file.path: file for file in self.connector.list_files()}
        documents = {item.path: item for item in self.target.list_documents()}
        for file in files.values():
            yield from self._bring(file, documents.get(file.path))
        yield from self._clear(documents, files)

    def access_of(self, file: ConnectedFile) -> AccessList:
        """Return who may read a file: the source's list, narrowed by the place's own."""
        configured = AccessList.of(self.source.allow, self.source.deny)
        if file.readers is None:
            return configured
        return configured.narrow(file.readers, self.source.owner)

    def _bring(self, file: ConnectedFile, document: SourceDocument | None) -> Iterator[Event]:
        access = self.access_of(file)
        if document is not None and _is_alike(file, document, access):
            return
        try:
            with self.connector.open_file(file) as opened:
                job_id = self.target.put(
                    file.path, opened.blocks, access, filename=opened.filename, mark=file.mark
                )
        except (FootnoteError, OSError) as error:
            yield Event("failed", file.path, reason=str(error))
            if document is not None:
                yield from self._restrict(document, access)
            return
        yield Event("changed" if document else "added", file.path, job_id)

    def _restrict(self, document: SourceDocument, access: AccessList) -> Iterator[Event]:
        """Take a document from those who may not read its file any more, though that is unread.

        Whoever may read the file since then waits for the version that can be read.
        """
        before = _access_list(document)
        narrowed = before.narrow(access, self.source.owner)
        if narrowed == before:
            return
        try:
            self.target.restrict(document.document_id, narrowed)
        except FootnoteError as error:
            yield Event("failed", document.path, reason=str(error))

    def _clear(
        self, documents: dict[str, SourceDocument], files: dict[str, ConnectedFile]
    ) -> Iterator[Event]:
        """Delete what is gone; a place that is empty all of a sudden may be a wrong address."""
        gone_documents = [item for path, item in documents.items() if path not in files]
        if gone_documents and not files:
            yield Event("failed", ".", reason="The place is empty: nothing was deleted.")
            return
        for item in gone_documents:
            try:
                self.target.remove(item.document_id)
            except FootnoteError as error:
                yield Event("failed", item.path, reason=str(error))
            else:
                yield Event("deleted", item.path)


def _is_alike(file: ConnectedFile, document: SourceDocument, access: AccessList) -> bool:
    has_same_access = access == _access_list(document)
    return has_same_access and file.mark is not None and file.mark == document.mark


def _access_list(document: SourceDocument) -> AccessList:
    return AccessList(frozenset(document.allow), frozenset(document.deny))
