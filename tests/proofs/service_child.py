"""Two processes to be killed: a server that accepts over HTTP, and a worker beside it."""

import logging
import threading
from pathlib import Path

import uvicorn

from api.app import create_app
from api.composition.container import Parts, Replacements
from api.service import Service
from api.settings import Settings
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser


def parts_in(folder: Path) -> Parts:
    """Put a store together that needs no weights and no child processes."""
    settings = Settings(data=folder, workers=0, rate_limit=0, blobs=None, database_url=None)
    return Parts(settings, Replacements(embedder=FakeEmbedder(max_tokens=32), parser=PlainParser()))


def serve(folder: Path, port: int) -> None:
    """Accept uploads until killed."""
    logging.disable(logging.CRITICAL)
    app = create_app(Service(parts_in(folder)))
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


def work(folder: Path) -> None:
    """Work the queue until killed."""
    logging.disable(logging.CRITICAL)
    parts_in(folder).work(threading.Event())
