"""A data set's corpus as a store of its own, filled the way uploads are and kept between runs."""

import fcntl
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from evaluate.datasets.corpus_ingestion import fill
from evaluate.datasets.loading import Dataset
from index.embedding.embedder import Embedder
from index.library import Library
from index.text import sentence_splitter as sentences
from index.text.analyzer import ANALYSER_VERSION
from ingest.chunking import chunker as chunk
from ingest.chunking import units as cut
from ingest.chunking.chunker import ChunkingConfig

LAYOUT = 1
"""Part of every cache key: raised when what is stored for a corpus changes."""


@dataclass(frozen=True, slots=True)
class CorpusDependencies:
    """Collaborators that turn a corpus into a store."""

    open_store: Callable[[Path], Library]
    """Opens the store in a folder, making it where needed."""
    embedder: Embedder
    chunking: ChunkingConfig
    cache: Path
    """Where stores are kept, one folder for each corpus and configuration."""


def open_corpus(
    dataset: Dataset, dependencies: CorpusDependencies, *, progress: bool = True
) -> Library:
    """Return a store that holds the data set's corpus, filled now or by an earlier run.

    An interrupted run is taken up where it stopped.

    Raises:
        EvaluationError: a document could not be ingested; the message names it.

    """
    folder = dependencies.cache / store_name(dataset, dependencies)
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder):
        library = dependencies.open_store(folder)
        finished = folder / "complete.json"
        if not finished.exists():
            fill(
                library,
                dataset.corpus,
                dependencies.embedder,
                dependencies.chunking,
                progress=progress,
            )
            library.save()
            finished.write_text(json.dumps(store_key(dataset, dependencies), indent=2))
    return library


def store_key(dataset: Dataset, dependencies: CorpusDependencies) -> dict[str, object]:
    """Return everything that the store's content depends on."""
    return {
        "layout": LAYOUT,
        "corpus": dataset.corpus_fingerprint,
        "embedder": dependencies.embedder.name,
        "chunking": asdict(dependencies.chunking),
        "chunker": _source_hash(),
        "analyser": ANALYSER_VERSION,
    }


def store_name(dataset: Dataset, dependencies: CorpusDependencies) -> str:
    """Name the store's folder after the data set and a hash of its key."""
    key = json.dumps(store_key(dataset, dependencies), sort_keys=True, default=str)
    return f"{quote(dataset.name, safe='')[:60]}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _source_hash() -> str:
    """Return a hash of the code that cuts texts: another cut makes another store."""
    digest = hashlib.sha256()
    for module in (chunk, cut, sentences):
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold a file lock, so that two runs never fill the same store at once."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
