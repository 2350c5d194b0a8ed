"""Do everything once in a throwaway store, so that the first real use is quick.

The bundled embedding model is converted for onnxruntime, numba keeps what it compiles beside the
sources and Python keeps its bytecode, so this is worth doing once after an installation.
"""

import tempfile
from pathlib import Path

from api.composition.embedding_model import load_embedder
from api.composition.ingestion import build_ingestion, build_sandbox, load_screening
from api.composition.retrieval import build_retrieval
from api.composition.store import open_library, open_store
from api.settings import BUNDLED, Settings
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest.upload import Upload, accept
from ingest.worker import Worker
from retrieve.retrieve import retrieve

TEXT = b"The lamp is lit before sunset.\n\nThe log is written in ink.\n"


def warm() -> None:
    """Take two documents in, and search before and after the index is read back from disk."""
    with tempfile.TemporaryDirectory(prefix="footnote-warm-") as folder:
        settings = Settings(
            data=Path(folder), database_url=None, blobs=None, embedding_model=BUNDLED,
            reranker=None, model_url=None,
        )  # fmt: skip
        store, embedder = open_store(settings), load_embedder(settings)
        library = open_library(settings, store, embedder)
        actor = Actor(Scope.of(DEFAULT_TENANT, ["user:warm"]), "user:warm")
        for name in ("warm.txt", "again.txt"):  # equals, so that ties are broken too
            accept(library, actor, Upload(filename=name, blocks=[TEXT]), limit_bytes=len(TEXT))
        parser = build_sandbox(settings)
        ingestion = build_ingestion(embedder, parser, load_screening(settings, parser))
        Worker(library, ingestion).run_until_idle()
        for opened in (library, open_library(settings, store, embedder)):
            retrieval = build_retrieval(opened, embedder, None)
            retrieve("When is the lamp lit?", actor.scope, retrieval, top_k=1)
        store.close()
