"""A process to be killed: uploads documents, says which were accepted, and works the queue."""

import threading
from multiprocessing.connection import Connection
from pathlib import Path

from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

ACTOR = Actor(Scope.of("default", ["user:ann"]), "user:ann")


def text_of(number: int) -> str:
    return "\n\n".join(f"Lamp {number} burns oil {i} through storm {number * i}." for i in range(4))


def main(folder: Path, count: int, connection: Connection) -> None:
    shelf = Shelf(folder)
    parts = IngestDependencies(shelf.embedder, PlainParser(), ChunkingConfig(max_tokens=24))
    worker = Worker(shelf.library, parts)
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    for number in range(count):
        upload = Upload(f"{number}.txt", [text_of(number).encode()])
        accept(shelf.library, ACTOR, upload, limit_bytes=1 << 20)
        connection.send(number)
    stop.set()
    thread.join()
    worker.run_until_idle()
    connection.send("done")
