"""Adapters that tests and benchmarks use instead of the configured ones."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.db.database import Database
from index.embedding.embedder import Embedder
from ingest.ports import Parser


@dataclass(frozen=True, slots=True)
class Replacements:
    """Adapters to use instead of the configured ones; none: the configured one."""

    load_embedder: Callable[[str], Embedder] | None = None
    """Returns the embedding model at a source."""
    parser: Parser | None = None
    free_bytes: Callable[[Path], int] | None = None
    """Returns how many bytes may still be written below a folder."""
    database: type[Database] = Database
