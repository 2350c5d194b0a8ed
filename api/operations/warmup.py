"""Do everything once in a throwaway store, so that the first real use is quick.

Numba keeps what it compiles beside the sources and Python keeps its bytecode, so this is worth
doing once after an installation.
"""

import tempfile
from pathlib import Path

from api.composition.container import Parts
from api.settings import BUNDLED, Settings
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest.upload import Upload, accept

TEXT = b"The lamp is lit before sunset.\n\nThe log is written in ink.\n"


def warm() -> None:
    """Take one document in, and search it before and after the index is read back from disk."""
    with tempfile.TemporaryDirectory(prefix="footnote-warm-") as folder:
        settings = Settings(
            data=Path(folder), database_url=None, blobs=None, embedding_model=BUNDLED,
            reranker=None, model_url=None,
        )  # fmt: skip
        first = Parts(settings)
        actor = Actor(Scope.of(DEFAULT_TENANT, ["user:warm"]), "user:warm")
        for name in ("warm.txt", "again.txt"):  # equals, so that ties are broken too
            upload = Upload(filename=name, blocks=[TEXT])
            accept(first.library, actor, upload, limit_bytes=len(TEXT))
        first.worker().run_until_idle()
        for parts in (first, Parts(settings)):
            _search(parts, actor.scope)
            parts.database.engine.dispose()


def _search(parts: Parts, scope: Scope) -> None:
    from retrieve.retrieve import retrieve

    retrieve("When is the lamp lit?", scope, parts.retrieval, top_k=1)
