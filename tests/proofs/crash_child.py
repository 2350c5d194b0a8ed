"""A process to be killed: uploads documents, says which were accepted, and works the queue.

Usage: python -m tests.proofs.crash_child FOLDER COUNT
"""

import sys
import threading
from pathlib import Path

from index.types import Actor, Scope
from ingest.accept import Upload, accept
from ingest.chunk import ChunkingConfig
from ingest.ingest import IngestParts
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

ACTOR = Actor(Scope.of("default", ["user:ann"]), "user:ann")


def text_of(number: int) -> str:
    return "\n\n".join(f"Lamp {number} burns oil {i} through storm {number * i}." for i in range(4))


def main(folder: Path, count: int) -> None:
    shelf = Shelf(folder)
    parts = IngestParts(shelf.embedder, PlainParser(), ChunkingConfig(max_tokens=24))
    worker = Worker(shelf.library, parts)
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    for number in range(count):
        upload = Upload(f"{number}.txt", [text_of(number).encode()])
        accept(shelf.library, ACTOR, upload, limit_bytes=1 << 20)
        print(number, flush=True)  # noqa: T201 - the parent reads what was accepted
    stop.set()
    thread.join()
    worker.run_until_idle()
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
