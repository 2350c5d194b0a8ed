"""Chroma in a local folder, filtered by a metadata field."""

import shutil
import tempfile
from typing import Any

import chromadb
import numpy as np

from benchmarks.synthetic import Corpus, Keys, Single

BATCH = 5000
"""Chroma accepts no more than 5461 rows at a time."""


class Chroma:
    """The persistent client, with its usual graph settings."""

    name = "chromadb + where"
    kind = "database, local mode"
    exact = False
    knobs = (100, 200, 400, 800)

    def build(self, collection: Corpus) -> None:
        self.folder = tempfile.mkdtemp(prefix="fn-chroma-")
        client = chromadb.PersistentClient(
            self.folder, chromadb.Settings(anonymized_telemetry=False)
        )
        self.collection = client.create_collection(
            "chunks",
            configuration={"hnsw": {"space": "ip"}},
            embedding_function=None,
        )
        for start in range(0, len(collection.vectors), BATCH):
            part = collection.vectors[start : start + BATCH].astype(np.float32)
            self.collection.add(
                ids=[str(start + at) for at in range(len(part))],
                embeddings=part,
                metadatas=[
                    {"class": key} for key in collection.classes[start : start + BATCH].tolist()
                ],
            )
        self.everything = int(collection.classes.max()) + 1

    def prepare(self, readable: Keys) -> dict[str, Any] | None:
        if len(readable) == self.everything:
            return None
        if len(readable) == 1:
            return {"class": int(readable[0])}
        return {"class": {"$in": readable.tolist()}}

    def turn(self, knob: int) -> None:
        self.collection.modify(configuration={"hnsw": {"ef_search": knob}})

    def search(self, query: Single, prepared: dict[str, Any] | None, limit: int) -> list[int]:
        results = self.collection.query(
            query_embeddings=[query], n_results=limit, where=prepared, include=[]
        )
        return [int(key) for key in results["ids"][0]]

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def peers() -> list[Chroma]:
    return [Chroma()]
