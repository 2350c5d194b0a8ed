"""Follows the store when it moves to another embedding model."""

import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from index.db.database import Database
from index.embedding.active_model import active_model
from index.library import Library

LOOK_SECONDS = 1.0
"""Between two looks at which embedding model the store uses."""


class HasLibrary(Protocol):
    """Something that is built for one embedding model."""

    @property
    def library(self) -> Library:
        """The store, opened with the embedding model."""


Built = TypeVar("Built", bound=HasLibrary)


class InUse(Generic[Built]):
    """Hands out what was built for the embedding model that the store uses now.

    It is one object, built at the first call, and built again and swapped whole once a process has
    moved the store to another model. Whoever has the old one goes on with it; the store refuses its
    reads.
    """

    def __init__(self, database: Database, build: Callable[[], Built]) -> None:
        self._database = database
        self._build = build
        self._lock = threading.Lock()  # two requests at once must not load a model twice
        self._built: Built | None = None
        self._looked = 0.0

    @property
    def current(self) -> Built:
        """The object to begin a piece of work with; take it once for all of the work."""
        with self._lock:
            if self._built is None or self._is_outdated(self._built):
                self._built = self._build()
            return self._built

    @property
    def built(self) -> Built | None:
        """The object that was built last; none before the first piece of work."""
        return self._built

    def _is_outdated(self, current: Built) -> bool:
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return False
        self._looked = now
        with self._database.read() as session:
            return active_model(session) not in (None, current.library.model)
