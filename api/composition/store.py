"""Builds a store: its database, its original files, its library for one embedding model."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from api.settings import Settings
from index.db.database import Database
from index.db.store_settings import BACKFILL, has_settings
from index.errors import DatabaseTooOldError
from index.storage.blob_store import FolderBlobs, FsspecBlobs
from index.storage.store_identity import check_store

if TYPE_CHECKING:
    from index.embedding.embedder import Embedder
    from index.library import Library
    from index.search.dense import Nominator


@dataclass(frozen=True, slots=True)
class Store:
    """The database and the original files. Neither depends on an embedding model.

    As a context manager it is closed at the end of the block.
    """

    database: Database
    blobs: FolderBlobs | FsspecBlobs
    trash_days: int
    """Days that an original without a document stays in the trash."""
    audit_days: int = 0
    """Days that rows of the audit log are kept; 0 for ever."""

    def check(self) -> None:
        """Check that the database and the original files belong to one store.

        Raises:
            StoreMismatchError: they do not; nothing may be read or written.

        """
        check_store(self.database, self.blobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database's connections."""
        self.database.engine.dispose()


def open_database(settings: Settings, kind: type[Database] = Database) -> Database:
    """Open the configured database as it is; nothing is made or migrated."""
    if settings.database_url:
        url = settings.database_url.get_secret_value()
        return kind(url, connections=settings.database_connections)
    return kind.in_folder(settings.data)


def open_store(settings: Settings, kind: type[Database] = Database) -> Store:
    """Open the configured store; its tables are made or migrated where that is needed."""
    database = open_database(settings, kind)
    try:
        database.check()
    except DatabaseTooOldError:
        database.create()
    _finish_migrations(database)
    return Store(database, open_blobs(settings), settings.trash_days, settings.audit_days)


def _finish_migrations(database: Database) -> None:
    """Fill the columns that migrations have added; others read and write meanwhile."""
    with database.read() as session:
        is_unfinished = has_settings(session, BACKFILL)
    if is_unfinished:
        from index.db.backfills import finish_backfills

        finish_backfills(database)


def open_blobs(settings: Settings) -> FolderBlobs | FsspecBlobs:
    """Open the configured place of the original files."""
    root = settings.blobs_root
    return FsspecBlobs(root) if "://" in root else FolderBlobs(Path(root))


def open_library(settings: Settings, store: Store, embedder: "Embedder") -> "Library":
    """Open the configured store's index for an embedding model."""
    from index.library import Library

    store.check()
    return Library(
        store.database, store.blobs, settings.data / "index",
        model=embedder.name, dimension=embedder.dimension,
        nominator=make_nominator(settings.dense),
    )  # fmt: skip


def open_folder(folder: Path, embedder: "Embedder") -> "Library":
    """Open a store of its own in a folder, for an evaluation's corpus; make it where needed."""
    from index.library import Library

    database = Database.in_folder(folder)
    database.create()
    return Library(
        database, FolderBlobs(folder / "blobs"), folder / "index",
        model=embedder.name, dimension=embedder.dimension,
    )  # fmt: skip


def make_nominator(name: str) -> "Nominator":
    """Return the scan that ``FOOTNOTE_DENSE`` names.

    Raises:
        NoGpuError: it names the GPU, and there is none that can be used.

    """
    if name == "gpu":
        from index.search.faiss_gpu_scan import GpuScan

        return GpuScan()
    if name == "faiss":
        from index.search.faiss_scan import FaissScan

        return FaissScan()
    from index.search.dense import CodeScan

    return CodeScan()
