"""A store with two tenants, each with the same documents, for the load benchmark.

Footnote's own Python runs it: ``python -m benchmarks.load_store FOLDER DATA``, where DATA has a
``corpus.jsonl``. FOLDER/keys.json then holds a key for each tenant.
"""

import json
import sys
from pathlib import Path
from typing import Any

from api.auth.api_keys import create_key
from api.composition.ingestion import open_ingestion
from api.settings import Settings
from benchmarks.load_documents import documents
from index.library import Library
from index.types import EVERYONE, Actor, Scope
from ingest.upload import Upload, accept

TENANTS = ("default", "neighbour")
OWNER = "user:load"


def main() -> None:
    folder, data = Path(sys.argv[1]), Path(sys.argv[2])
    with open_ingestion(Settings(data=folder)) as ingestion:
        database = ingestion.library.database
        keys = {tenant: create_key(database, tenant, OWNER)[0] for tenant in TENANTS}
        for tenant in TENANTS:
            for document in documents(data):
                _accept(ingestion.library, tenant, document)
        ingestion.worker().run_until_idle()
    (folder / "keys.json").write_text(json.dumps(keys))


def _accept(library: Library, tenant: str, document: dict[str, Any]) -> None:
    actor = Actor(Scope.of(tenant, [OWNER]), OWNER, "reader")
    upload = Upload(
        f"{document['_id']}.txt",
        [document["text"].encode()],
        allow=[EVERYONE],
        title=document["title"],
    )
    accept(library, actor, upload, limit_bytes=1 << 20, publishing="open")


if __name__ == "__main__":
    main()
