"""Two processes to be killed: a server that accepts over HTTP, and a worker beside it."""

import logging
import threading
from pathlib import Path

import uvicorn

from api.app import create_app
from api.composition.ingestion import ingestion_builder, work_queue
from api.composition.model_switch import InUse
from api.composition.replacements import Replacements
from api.composition.store import open_library, open_store
from api.service import build_service
from api.settings import Settings
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser

EMBEDDER = FakeEmbedder(max_tokens=32)
REPLACEMENTS = Replacements(lambda _source: EMBEDDER, PlainParser())
"""No weights and no child processes."""


def settings_in(folder: Path) -> Settings:
    """Return the settings of a store in a folder."""
    return Settings(data=folder, workers=0, rate_limit=0, blobs=None, database_url=None)


class OpenedStore:
    """A store as a third process opens it, to look at what the killed ones left."""

    def __init__(self, folder: Path) -> None:
        settings = settings_in(folder)
        self._store = open_store(settings)
        self.database, self.blobs = self._store.database, self._store.blobs
        self.library = open_library(settings, self._store, EMBEDDER)

    def close(self) -> None:
        self._store.close()


def serve(folder: Path, port: int) -> None:
    """Accept uploads until killed."""
    logging.disable(logging.CRITICAL)
    app = create_app(build_service(settings_in(folder), REPLACEMENTS))
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


def work(folder: Path) -> None:
    """Work the queue until killed."""
    logging.disable(logging.CRITICAL)
    settings = settings_in(folder)
    store = open_store(settings)
    in_use = InUse(store.database, ingestion_builder(settings, store, REPLACEMENTS))
    work_queue(lambda: in_use.current, threading.Event(), report_end=lambda _lease, _outcome: None)
