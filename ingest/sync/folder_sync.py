"""Keep a source in step with a folder: what is new, what has changed, what is gone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from index.errors import FootnoteError
from index.types import AccessList
from ingest.lifecycle.source_registry import SourceDocument
from ingest.sync.folder_scan import FolderFile, blocks_below, look, sha256_below

Action = Literal["added", "changed", "deleted", "failed"]


class SourceTarget(Protocol):
    """Where a folder's documents go: the store on this machine, or a service."""

    def list_documents(self) -> list[SourceDocument]:
        """Return the documents of the source."""
        ...

    def put(
        self,
        path: str,
        blocks: Iterable[bytes],
        access: AccessList,
        *,
        filename: str | None = None,
        mark: str | None = None,
    ) -> str:
        """Bring a file in, or its new version, or its new access; return the job's id.

        ``filename`` is by default the last part of the path.
        """
        ...

    def remove(self, document_id: str) -> None:
        """Delete the document of a file that is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """One change that a synchronisation made for one file."""

    action: Action
    path: str
    job_id: str | None = None
    reason: str | None = None


AccessOf = Callable[[FolderFile], AccessList]


@dataclass
class FolderSync:
    """Brings a target in step with a folder, look by look; what did not change costs one stat.

    With ``patient``, a file is taken once two looks in a row saw it alike: it may be being written.
    """

    folder: Path
    target: SourceTarget
    access: AccessOf
    patient: bool = False
    _last_files: dict[str, FolderFile] = field(default_factory=dict)
    _done_files: dict[str, FolderFile] = field(default_factory=dict)
    _has_leftovers: bool = False
    """A file that is gone could not be deleted yet."""

    def step(self) -> Iterator[Event]:
        """Look once and do what is to be done; one file's failure is an event, and tried again.

        Raises:
            OSError: the folder cannot be listed; nothing is taken for deleted.

        """
        files = look(self.folder)
        settled = {
            path: file
            for path, file in files.items()
            if not self.patient or self._last_files.get(path) == file
        }
        self._last_files = files
        due_files = {
            path: file for path, file in settled.items() if self._done_files.get(path) != file
        }
        has_lost = (
            bool(self._done_files.keys() - files.keys())
            or not self._done_files
            or self._has_leftovers
        )
        if not (due_files or has_lost):
            return
        documents = {item.path: item for item in self.target.list_documents()}
        for path, file in due_files.items():
            yield from self._bring(path, file, documents.get(path))
        yield from self._clear(documents, files)

    def _bring(
        self, path: str, file: FolderFile, document: SourceDocument | None
    ) -> Iterator[Event]:
        try:
            access = self.access(file)
            if document is not None and self._alike(path, document, access):
                self._done_files[path] = file
                return
            job = self.target.put(path, blocks_below(self.folder, path), access)
        except (FootnoteError, OSError) as error:
            if isinstance(error, FootnoteError) and error.lasting:
                self._done_files[path] = file  # until it changes: the same bytes would fail again
            yield Event("failed", path, reason=str(error))
            return
        self._done_files[path] = file
        yield Event("changed" if document else "added", path, job)

    def _alike(self, path: str, document: SourceDocument, access: AccessList) -> bool:
        has_same_access = access == AccessList(frozenset(document.allow), frozenset(document.deny))
        return has_same_access and sha256_below(self.folder, path) == document.sha256

    def _clear(
        self, documents: dict[str, SourceDocument], files: dict[str, FolderFile]
    ) -> Iterator[Event]:
        """Delete what is gone; a folder that is empty all of a sudden may be a lost mount."""
        documents_without_file = [item for path, item in documents.items() if path not in files]
        self._has_leftovers = False
        if documents_without_file and not files:
            yield Event("failed", ".", reason="The folder is empty: nothing was deleted.")
            return
        for item in documents_without_file:
            try:
                self.target.remove(item.document_id)
            except FootnoteError as error:
                self._has_leftovers = True
                yield Event("failed", item.path, reason=str(error))
            else:
                self._done_files.pop(item.path, None)
                yield Event("deleted", item.path)
