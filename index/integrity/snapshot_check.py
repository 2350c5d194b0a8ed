"""Compares the files of a published index with its manifest, and its rows with the database."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from index.db.batched import batched
from index.db.database import Database, head_value
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.db.tables.store import ChangeLogEntry
from index.errors import CorruptSnapshotError
from index.integrity.damage import Damage, Throttle
from index.segments.snapshot import MANIFEST, checksum_file, read_manifest, safe_name

BATCH = 200
ATTEMPTS = 3

IndexedRow = tuple[int, int, int, bytes]
"""Document key, class key, ordinal and digest of the vector of a live row."""


def index_damage(database: Database, folder: Path, throttle: Throttle) -> Iterator[Damage]:
    """Yield the damage of every model's published index below a folder.

    A damaged index is never searched: it is refused when it is opened and made again.
    """
    for manifest in sorted(folder.glob(f"*/{MANIFEST}")):
        yield from _snapshot_damage(database, manifest.parent, throttle)


def _snapshot_damage(database: Database, folder: Path, throttle: Throttle) -> list[Damage]:
    for _ in range(ATTEMPTS):
        try:
            body = read_manifest(folder / MANIFEST)
            damage = list(_file_damage(folder, body, throttle))
            return damage or list(_disagreement(database, folder, body))
        except FileNotFoundError:
            if not (folder / MANIFEST).exists():
                return []
            continue  # another process has just published; look at its manifest
        except (CorruptSnapshotError, ValueError, KeyError, TypeError, AttributeError) as error:
            return [_damaged(folder, MANIFEST, str(error))]
    return [_damaged(folder, MANIFEST, "a file that it names is missing")]


def _damaged(folder: Path, name: str, detail: str) -> Damage:
    return Damage(
        "index", f"{folder.name}/{name}", f"{detail}; the index is made again when opened"
    )


def _file_damage(folder: Path, body: dict[str, Any], throttle: Throttle) -> Iterator[Damage]:
    for entry in body["segments"]:
        names = {
            f"{entry['name']}/{name}.npy": checksum for name, checksum in entry["files"].items()
        }
        names[entry["alive"]["name"]] = entry["alive"]["checksum"]
        for name, checksum in names.items():
            path = folder.joinpath(*[safe_name(part) for part in name.split("/")])
            if checksum_file(path, throttle.take) != checksum:
                yield _damaged(folder, name, "it does not match its checksum")


def _disagreement(database: Database, folder: Path, body: dict[str, Any]) -> Iterator[Damage]:
    """Compare the live rows with the database, as far as documents have not changed since."""
    rows = _live_rows(folder, body)
    with database.read() as session:
        head = head_value(session, "changes")
        if body["seq"] > head:
            detail = f"it has applied change {body['seq']}, and the database ends at {head}"
            yield _damaged(folder, MANIFEST, detail)
            return
        changed_documents = set(
            session.scalars(
                select(ChangeLogEntry.document_key).where(ChangeLogEntry.seq > body["seq"])
            )
        )
        keys = list(session.scalars(select(Document.key).where(Document.version > 0)))
        for some in batched([key for key in keys if key not in changed_documents], BATCH):
            stored_rows = _stored_rows(session, some, body["model"])
            for chunk, stored_row in stored_rows.items():
                if rows.pop(chunk, None) != stored_row:
                    detail = f"chunk {chunk} of document {stored_row[0]} is not as in the database"
                    yield _damaged(folder, MANIFEST, detail)
    for document in sorted({row[0] for row in rows.values()} - changed_documents):
        yield _damaged(folder, MANIFEST, f"document {document} is not in the database")


def _live_rows(folder: Path, body: dict[str, Any]) -> dict[int, IndexedRow]:
    rows: dict[int, IndexedRow] = {}
    for entry in body["segments"]:
        arrays = {
            name: np.load(folder / entry["name"] / f"{name}.npy", mmap_mode="r")
            for name in (
                "chunk_key", "document", "document_key", "ordinal", "vectors", "class_key",
                "class_start",
            )
        }  # fmt: skip
        alive = np.load(folder / entry["alive"]["name"])
        classes = np.repeat(arrays["class_key"], np.diff(arrays["class_start"]))
        for at in np.flatnonzero(alive):
            document = arrays["document_key"][arrays["document"][at]]
            rows[int(arrays["chunk_key"][at])] = (
                int(document), int(classes[at]), int(arrays["ordinal"][at]),
                _digest(arrays["vectors"][at].tobytes()),
            )  # fmt: skip
    return rows


def _stored_rows(session: Session, documents: Any, model: str) -> dict[int, IndexedRow]:
    statement = (
        select(
            ChunkRow.key, ChunkRow.document_key, Document.class_key, ChunkRow.ordinal, Vector.data
        )
        .join(Document, Document.key == ChunkRow.document_key)
        .join(Version, Version.key == ChunkRow.version_key)
        .join(Vector, Vector.chunk_key == ChunkRow.key)
        .where(
            Document.key.in_(documents),
            Version.number == Document.version,
            Vector.model == model,
        )
    )
    rows = session.execute(statement)
    return {row[0]: (row[1], row[2], row[3], _digest(row[4])) for row in rows}


def _digest(vector: bytes) -> bytes:
    return hashlib.blake2b(vector, digest_size=16).digest()
