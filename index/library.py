"""A store, opened: the database, the original files, and the index over both."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from index.access.classes import ScopeCache
from index.db.database import Database, head_value, head_values
from index.db.tables.documents import ChunkRow, Document, Version
from index.db.tables.store import Secret
from index.embedding.active_model import require_active
from index.errors import StaleViewError
from index.kernels.vector_kernels import Int64
from index.reader import Reader
from index.search.dense import CodeScan, Nominator
from index.search.narrowing import narrow
from index.segments.memory_index import Index, IndexView
from index.segments.row_ranges import Slice
from index.segments.slice_cache import SliceCache
from index.segments.snapshot import Snapshots
from index.storage.blob_store import Blobs
from index.storage.durable_files import Files
from index.types import Scope

ATTEMPTS = 8

EPOCH = "access-epoch"
"""The place in a session's notes where the access epoch of its moment stands."""


class Library:
    """One store: database, blobs and index. Reads need a scope; writes go through ``database``."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        folder: Path,
        *,
        model: str,
        dimension: int,
        nominator: Nominator | None = None,
        files: Files | None = None,
    ) -> None:
        self.database = database
        self.blobs = blobs
        self.model = model
        self.folder = folder
        with database.read() as session:
            secret = session.scalars(select(Secret.value).where(Secret.name == "snapshot")).one()
            head = head_value(session, "changes")
        self._secret = secret
        store = hashlib.sha256(secret).hexdigest()[:16]
        self.snapshots = Snapshots(
            folder / _folder_name(model),
            store=store,
            model=model,
            dimension=dimension,
            files=files,
        )
        start = self.snapshots.load()
        if start is not None and start.seq > head:
            start = None  # a restored database may be older
        self.index = Index(model, dimension, start)
        self.erased_seq = self._erased_at_start(start, head)
        """Nothing that was deleted up to this number of the change log is left in this index."""
        self.process: str | None = None
        """Under which id the process that has opened this library is registered, if it is."""
        self._scopes = ScopeCache()
        self._slices = SliceCache()
        self.nominator = nominator or CodeScan()

    @contextmanager
    def read(self, scope: Scope, filters: Mapping[str, Any] | None = None) -> Iterator[Reader]:
        """Yield a reader of what the scope may see at this moment, narrowed by ``filters``.

        Raises:
            InvalidFilterError: the filter does not parse.
            ModelSwitchedError: the store uses another embedding model now.

        """
        with self.database.read() as session:
            require_active(session, self.model)
            slices = self._open(session, scope)
            classes = self._classes(session, scope)
            if filters:
                slices = self._slices.narrowed(
                    slices,
                    json.dumps(filters, sort_keys=True),
                    partial(narrow, session, scope, slices, filters),
                )
            yield Reader(
                session, scope, slices, classes, self.nominator, self.model, secret=self._secret
            )

    def follow(self) -> int:
        """Bring the index to the head of the change log; return the number of live rows.

        Raises:
            ModelSwitchedError: the store uses another embedding model now.

        """
        with self.database.read() as session:
            require_active(session, self.model)
            return self._view(session).rows

    def beside(self, model: str, dimension: int) -> "Library":
        """Open the same store with another embedding model's index; this one is left alone."""
        return Library(self.database, self.blobs, self.folder, model=model, dimension=dimension)

    def prepare(self) -> bool:
        """Publish the index of a model that is to become the active one.

        False, and nothing is published, where some chunk lacks a vector of the model at this
        moment or another process is publishing.
        """
        with self.database.read() as session:
            is_complete = self._view(session).rows == _current_chunks(session)
        if not is_complete:
            return False
        while self.index.merge():
            pass
        return self.snapshots.save(self.index.newest)

    def save(self) -> bool:
        """Publish the index on disk, so that the next start has little to replay."""
        self.follow()
        while self.index.merge():
            pass
        return self.snapshots.save(self.index.newest)

    def compact(self) -> int | None:
        """Make one segment of all, without a dead row, and publish it.

        Returns the number of the change log up to which all that was deleted is gone; none where
        another process is publishing.
        """
        self.follow()
        reached = self.index.newest.seq
        self.index.merge(whole=True)
        self._slices.clear()
        return reached if self.snapshots.save(self.index.newest) else None

    def snapshot_folders(self) -> list[Path]:
        """Return the folders of snapshots that are there, of any model."""
        return sorted(path.parent for path in self.folder.glob("*/manifest.json"))

    def _erased_at_start(self, start: IndexView | None, head: int) -> int:
        """Return up to where nothing deleted is left in the files; 0 where nobody can tell."""
        folders = self.snapshot_folders()
        if not folders:
            return head
        has_no_dead_row = start is not None and all(alive.all() for _, alive in start.segments)
        is_only_one = folders == [self.snapshots.folder]
        return start.seq if start is not None and has_no_dead_row and is_only_one else 0

    def _open(self, session: Session, scope: Scope) -> list[Slice]:
        view = self._view(session)
        return self._slices.slices(view, self._classes(session, scope))

    def _classes(self, session: Session, scope: Scope) -> Int64:
        """Return the classes that the scope may read at the moment of the session's view."""
        return self._scopes.readable_classes(session, scope, session.info[EPOCH])

    def _view(self, session: Session) -> IndexView:
        """Return the view of the session's moment, and keep the access epoch of that moment."""
        for _ in range(ATTEMPTS):
            heads = head_values(session, ("changes", "access"))
            try:
                view = self.index.view(session, heads["changes"])
            except StaleViewError:
                session.rollback()  # the next statement sees a later moment
            else:
                session.info[EPOCH] = heads["access"]
                return view
        raise StaleViewError("The index moves faster than this read; try again.")


def _current_chunks(session: Session) -> int:
    statement = (
        select(func.count(ChunkRow.key))
        .join(Document, Document.key == ChunkRow.document_key)
        .join(Version, Version.key == ChunkRow.version_key)
        .where(Version.number == Document.version)
    )
    return session.scalars(statement).one()


def _folder_name(model: str) -> str:
    """Return a folder's name for a model: readable, and no two models share it."""
    readable_part = re.sub(r"[^a-z0-9]+", "-", model.casefold()).strip("-")[:40]
    return f"{readable_part}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"
