"""Vectors that the store has already: what a re-ingestion and a second upload cost with them.

    python -m benchmarks.reuse DATA/nfcorpus    # a BEIR folder; --documents 300

The same documents go in three times through the real queue, with the bundled model and one worker:
uploaded, read anew, and uploaded once more by the same person for other readers. Each time is of
the worker alone. Afterwards every stored vector is compared with what the model gives, bit by bit.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from benchmarks.measure import machine
from index.db.tables.documents import ChunkRow, Vector
from index.embedding.onnx_embedder import OnnxEmbedder
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.lifecycle.reingestion import reingest_outdated
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=300)
    options = parser.parse_args()
    lines = (options.folder / "corpus.jsonl").read_text().splitlines()[: options.documents]
    texts = [(entry["title"], entry["text"]) for entry in map(json.loads, lines)]
    embedder = OnnxEmbedder.bundled()
    embedder.embed(["warm-up"])
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), embedder=embedder)
        passes = {
            "uploaded": lambda: upload(shelf, texts, "user:ann"),
            "read anew": lambda: reingest_outdated(
                shelf.library, "default", ChunkingConfig(), submitter="user:ann", everything=True
            ),
            "uploaded for others": lambda: upload(shelf, texts, "tenant:all"),
        }
        print(machine())
        for name, queue in passes.items():
            queue()
            seconds = work(shelf)
            print(f"{name:20} {seconds:7.2f} s  {len(texts) / seconds:7.1f} documents/s")
        compare(shelf)


def upload(shelf: Shelf, texts: list[tuple[str, str]], allow: str) -> None:
    for number, (title, text) in enumerate(texts):
        body = Upload(f"{number}.txt", title=title or "-", blocks=[text.encode()], allow=[allow])
        accept(shelf.library, ANN, body, limit_bytes=1 << 22, publishing="open")


def work(shelf: Shelf) -> float:
    worker = Worker(
        shelf.library, IngestDependencies(shelf.embedder, PlainParser(), ChunkingConfig())
    )
    start = time.perf_counter()
    worker.run_until_idle(threads=1)
    return time.perf_counter() - start


def compare(shelf: Shelf) -> None:
    with shelf.database.read() as session:
        rows = session.execute(
            select(ChunkRow.context, ChunkRow.text, Vector.data).join(
                Vector, Vector.chunk_key == ChunkRow.key
            )
        ).all()
    vectors = shelf.embedder.embed([f"{row.context}\n{row.text}" for row in rows]).astype("<f2")
    other = sum(a.data != b.tobytes() for a, b in zip(rows, vectors, strict=True))
    print(f"{len(rows)} stored vectors; {other} differ from what the model gives")


if __name__ == "__main__":
    main()
