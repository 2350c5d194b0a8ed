"""A second process on one store: reads commands from its input, answers each with a line.

Usage: python -m tests.proofs.follower_child FOLDER [DATABASE_URL]
"""

import json
import sys
from pathlib import Path
from typing import Any

from index.library import Library
from index.text.analyzer import analyse
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

OWNER = Actor(Scope.of("default", ["user:owner"]), "user:owner")


class Process:
    """What one process can do with a store; both processes of the proof are this."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.shelf = Shelf(folder, url=url)
        parts = IngestDependencies(self.shelf.embedder, PlainParser(), ChunkingConfig())
        self.worker = Worker(self.shelf.library, parts)

    @property
    def library(self) -> Library:
        return self.shelf.library

    def put(self, name: str, text: str, allow: list[str], known: str | None = None) -> str:
        upload = Upload(name, [text.encode()], allow, document_id=known)
        done = accept(self.library, OWNER, upload, limit_bytes=1 << 20, publishing="open")
        self.worker.run_until_idle(threads=1)
        return done.document_id

    def move(self, document_id: str, allow: list[str]) -> None:
        edit = DocumentEdit(allow=allow)
        edit_document(self.library, OWNER, document_id, edit, publishing="open")

    def delete(self, document_id: str) -> None:
        delete_document(self.library, OWNER, document_id)

    def save(self) -> None:
        self.library.save()

    def search(self, who: str, words: str) -> list[list[Any]]:
        with self.library.read(Scope.of("default", [who])) as reader:
            hits = reader.lexical(analyse(words), 100)
            near = reader.dense(self.shelf.vector(words), 100)
            chunks = reader.chunks([hit.chunk for hit in hits])
            also = {chunk.filename for chunk in reader.chunks([hit.chunk for hit in near])}
        assert {chunk.filename for chunk in chunks} <= also
        return sorted([chunk.filename, chunk.text] for chunk in chunks)


def main(folder: Path, url: str | None) -> None:
    process = Process(folder, url)
    print('["ready"]', flush=True)  # noqa: T201 - the parent reads it
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps([getattr(process, name)(*arguments)]), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
