"""A real library in a temporary folder, filled without parsing or queueing."""

import hashlib
import secrets
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import delete, select

from index.access.classes import ensure_tenant, intern_class
from index.db.change_log import drop_content, record_change
from index.db.database import Database
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.embedding.embedder import Embedder
from index.library import Library
from index.search.dense import Nominator
from index.storage.blob_store import FolderBlobs
from index.types import EVERYONE, AccessList
from tests.fakes.database import QuickDatabase, new_database
from tests.fakes.embedder import FakeEmbedder


class Shelf:
    """A library that tests put documents on; each text of a document is one chunk."""

    def __init__(
        self,
        folder: Path,
        *,
        embedder: Embedder | None = None,
        nominator: Nominator | None = None,
        url: str | None = None,
    ) -> None:
        self.folder = folder
        self.embedder = embedder or FakeEmbedder()
        self.nominator = nominator
        if url is None:
            is_older = (folder / "footnote.db").exists()
            new_database(folder)
            self.database = QuickDatabase.in_folder(folder)
            if is_older:
                self.database.create()
        else:
            self.database = Database(url)
            self.database.create()
        self.library = self.open()

    def open(self) -> Library:
        """Open another library over the same store, as another process would."""
        return Library(
            self.database,
            FolderBlobs(self.folder / "blobs"),
            self.folder / "index",
            model=self.embedder.name,
            dimension=self.embedder.dimension,
            nominator=self.nominator,
        )

    def put(
        self,
        *texts: str,
        filename: str = "note.txt",
        allow: Sequence[str] = (EVERYONE,),
        deny: Sequence[str] = (),
        tenant: str = "default",
        owner: str = "user:owner",
        attributes: dict[str, object] | None = None,
        context: str = "",
    ) -> str:
        """Make a document searchable and return its id."""
        whole = "\n\n".join(texts)
        vectors = self.embedder.embed([f"{context}\n{t}" if context else t for t in texts])
        with self.database.write() as session:
            ensure_tenant(session, tenant)
            class_key = intern_class(session, tenant, AccessList.of(allow, deny))
            document = Document(
                id=f"doc_{secrets.token_hex(8)}", tenant=tenant, owner=owner, class_key=class_key,
                filename=filename, title=filename, attributes=attributes or {}, version=1,
            )  # fmt: skip
            session.add(document)
            session.flush()
            digest = hashlib.sha256(whole.encode()).hexdigest()
            version = Version(
                document_key=document.key, number=1, blob="0" * 32, sha256=digest,
                size=len(whole), media_type="text/plain", text=whole,
            )  # fmt: skip
            session.add(version)
            session.flush()
            start = 0
            for ordinal, text in enumerate(texts):
                row = ChunkRow(
                    id=f"chk_{secrets.token_hex(8)}", document_key=document.key,
                    version_key=version.key, ordinal=ordinal, text=text, context=context,
                    start=start, end=start + len(text), tokens=len(text.split()), headings=[],
                )  # fmt: skip
                session.add(row)
                session.flush()
                half = vectors[ordinal].astype("<f2").tobytes()
                session.add(Vector(chunk_key=row.key, model=self.embedder.name, data=half))
                start += len(text) + 2
            record_change(session, document.key, [class_key], "put")
        return document.id

    def move(self, document_id: str, *, allow: Sequence[str], deny: Sequence[str] = ()) -> None:
        """Give a document another access list."""
        with self.database.write() as session:
            document = session.scalars(select(Document).where(Document.id == document_id)).one()
            before = document.class_key
            access = AccessList.of(allow, deny)
            document.class_key = intern_class(session, document.tenant, access)
            record_change(session, document.key, [before, document.class_key], "access")

    def remove(self, document_id: str) -> None:
        """Delete a document."""
        with self.database.write() as session:
            document = session.scalars(select(Document).where(Document.id == document_id)).one()
            drop_content(session, document.key, versions=[1])
            record_change(session, document.key, [document.class_key], "delete")
            session.execute(delete(Document).where(Document.key == document.key))

    def vector(self, text: str) -> np.ndarray:
        """Embed one question."""
        return self.embedder.embed([text])[0]
