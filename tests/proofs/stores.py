"""Stores for the proofs: one with everything, and one with what a single asker may read."""

import atexit
import random
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from index.db.database import Database
from index.embedding.embedder import Embedder
from index.library import Library
from index.search.dense import Nominator
from index.types import AccessList, Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.database import QuickDatabase
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf
from tests.proofs.cases import Body, Paper

MEMORY = Path("/dev/shm")

Action = tuple[str, int, Any]
"""What is done, to which document of the case, with what."""


@dataclass(frozen=True)
class Store:
    """A shelf and a way to add to it."""

    shelf: Shelf
    worker: Worker | None
    """None: documents go straight into the tables."""

    @property
    def library(self) -> Library:
        return self.shelf.library


class Copied(Shelf):
    """A shelf over a database that has its tables already."""

    def __init__(
        self, database: Database, folder: Path, embedder: Embedder, nominator: Nominator | None
    ) -> None:
        self.folder = folder
        self.embedder = embedder
        self.nominator = nominator
        self.database = database
        self.library = self.open()


@contextmanager
def new_folder() -> Iterator[Path]:
    """Yield a folder that goes away, in memory where there is such a place."""
    base = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="footnote-proof-", dir=base) as folder:
        yield Path(folder)


_free: list[tuple[Path, Database]] = []
"""Folders and databases that no store uses now."""


@contextmanager
def database_for_a_store() -> Iterator[tuple[Path, Database]]:
    """Yield a folder, in memory where there is such a place, and its new database.

    Both are used again for a later store, with other files, unless the proof failed: the
    statements of a database that was used before are compiled already.
    """
    folder, database = _free.pop() if _free else _make_database()
    shutil.copy(_template(), folder / "footnote.db")
    try:
        yield folder, database
    finally:
        database.engine.dispose()
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    _free.append((folder, database))


def _make_database() -> tuple[Path, Database]:
    base = MEMORY if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="footnote-proof-", dir=base))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder, QuickDatabase.in_folder(folder)


@contextmanager
def new_store(
    embedder: Embedder, *, queued: bool = False, nominator: Nominator | None = None
) -> Iterator[Store]:
    """Yield an empty store."""
    with database_for_a_store() as (folder, database):
        shelf = Copied(database, folder, embedder, nominator)
        parts = IngestDependencies(embedder, PlainParser(), ChunkingConfig(max_tokens=40))
        yield Store(shelf, Worker(shelf.library, parts) if queued else None)


@cache
def _template() -> Path:
    """Migrate once, then copy."""
    folder = Path(tempfile.mkdtemp(prefix="footnote-proof-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shelf = Shelf(folder)
    shelf.database.engine.dispose()
    return folder / "footnote.db"


def live_through(store: Store, papers: Sequence[Paper], rng: random.Random) -> dict[int, str]:
    """Let every document live its life, the lives interleaved and the index following at times.

    Return the ids that the documents have at the end.
    """
    ids: dict[int, str] = {}
    for name, number, value in _interleaved([_life(i, p) for i, p in enumerate(papers)], rng):
        _act(store, papers[number], ids, name, number, value)
        if rng.random() < 0.3:
            store.library.follow()
        if rng.random() < 0.1:
            store.library.save()
    _work(store)
    return ids


def as_if_alone(papers: Iterable[Paper], scope: Scope) -> list[Paper]:
    """Return what the scope may read, as it would be in a store that never held anything else."""
    return [replace(p, began=p.access) for p in papers if p.readable_by(scope)]


def _life(number: int, paper: Paper) -> list[Action]:
    life: list[Action] = [("add", number, paper.bodies[0])]
    life += [("replace", number, body) for body in paper.bodies[1:]]
    if paper.began != paper.access:
        life.append(("move", number, paper.access))
    if paper.renamed is not None:
        life.append(("rename", number, paper.renamed))
    if paper.marked:
        life.append(("mark", number, None))
    if paper.deleted:
        life.append(("delete", number, None))
    return life


def _interleaved(lives: list[list[Action]], rng: random.Random) -> Iterator[Action]:
    order = [i for i, life in enumerate(lives) for _ in life]
    rng.shuffle(order)
    waiting = [iter(life) for life in lives]
    for i in order:
        yield next(waiting[i])


def _act(
    store: Store, paper: Paper, ids: dict[int, str], name: str, number: int, value: Any
) -> None:
    actor = Actor(Scope.of(paper.tenant, [paper.owner]), paper.owner)
    if name in {"add", "replace"}:
        access = paper.began if name == "add" else None
        ids[number] = _put(store, actor, paper, value, access, ids.get(number))
        return
    _work(store)  # so that a new title never reaches the embedder
    if name == "move":
        edit = DocumentEdit(allow=sorted(value.allow), deny=sorted(value.deny))
        edit_document(store.library, actor, ids[number], edit, publishing="open")
    elif name == "rename":
        edit = DocumentEdit(title=value)
        edit_document(store.library, actor, ids[number], edit, publishing="open")
    elif name == "mark":
        curator = replace(actor, role="curator")
        edit_document(store.library, curator, ids[number], DocumentEdit(authoritative=True))
    else:
        delete_document(store.library, actor, ids[number])


def _put(
    store: Store,
    actor: Actor,
    paper: Paper,
    body: Body,
    access: AccessList | None,
    known: str | None,
) -> str:
    """Add a document or a version of one; straight into the tables, a version is a new document."""
    allowed = access or paper.began
    allow, deny = sorted(allowed.allow), sorted(allowed.deny)
    if store.worker is not None:
        upload = Upload(
            paper.filename, ["\n\n".join(body).encode()], allow, deny, paper.title,
            {"year": paper.year}, known,
        )  # fmt: skip
        return accept(
            store.library, actor, upload, limit_bytes=1 << 20, publishing="open"
        ).document_id
    if known is not None:
        delete_document(store.library, actor, known)
    return store.shelf.put(
        *body, filename=paper.filename, allow=allow, deny=deny, tenant=paper.tenant,
        owner=paper.owner, attributes={"year": paper.year}, context=paper.title,
    )  # fmt: skip


def _work(store: Store) -> None:
    if store.worker is not None:
        store.worker.run_until_idle()
