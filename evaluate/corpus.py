"""A data set's corpus as a store of its own, filled the way uploads are and kept between runs."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from tqdm import tqdm

from evaluate.datasets import Dataset
from evaluate.errors import EvaluationError, InvalidDatasetError
from evaluate.samples import CorpusDocument
from evaluate.text import CorpusParser
from index.analyser import ANALYSER_VERSION
from index.embedder import Embedder
from index.library import Library
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest.accept import Upload, accept
from ingest.chunk import ChunkingConfig
from ingest.jobs import JobView
from ingest.worker import IngestParts, Worker

LAYOUT = 1
"""Part of every cache key: raised when what is stored for a corpus changes."""
LIMIT_BYTES = 64 << 20
_OWNER = "user:evaluation"
_LONGEST_NAME = 250


@dataclass(frozen=True, slots=True)
class CorpusParts:
    """What turns a corpus into a store."""

    open_store: Callable[[Path], Library]
    """Opens the store in a folder, making it where needed."""
    embedder: Embedder
    chunking: ChunkingConfig
    cache: Path
    """Where stores are kept, one folder for each corpus and configuration."""
    workers: int = 0
    """Threads that ingest; 0 means one more than there are cores."""


def open_corpus(dataset: Dataset, parts: CorpusParts, *, progress: bool = True) -> Library:
    """Return a store that holds the data set's corpus, filled now or by an earlier run.

    An interrupted run is taken up where it stopped.

    Raises:
        EvaluationError: a document could not be ingested; the message names it.

    """
    folder = parts.cache / store_name(dataset, parts)
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder):
        library = parts.open_store(folder)
        finished = folder / "complete.json"
        if not finished.exists():
            _fill(library, dataset, parts, progress=progress)
            library.save()
            finished.write_text(json.dumps(store_key(dataset, parts), indent=2))
    return library


def store_key(dataset: Dataset, parts: CorpusParts) -> dict[str, object]:
    """Return everything that the store's content depends on."""
    return {
        "layout": LAYOUT,
        "corpus": dataset.corpus_fingerprint,
        "embedder": parts.embedder.name,
        "chunking": asdict(parts.chunking),
        "analyser": ANALYSER_VERSION,
    }


def store_name(dataset: Dataset, parts: CorpusParts) -> str:
    """Name the store's folder after the data set and a hash of its key."""
    key = json.dumps(store_key(dataset, parts), sort_keys=True, default=str)
    return f"{quote(dataset.name, safe='')[:60]}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def corpus_id(filename: str) -> str:
    """Return the corpus' own id of a document, which its file name carries."""
    return unquote(filename)


def _fill(library: Library, dataset: Dataset, parts: CorpusParts, *, progress: bool) -> None:
    documents = [document for document in dataset.corpus if _text_of(document)]
    for document in tqdm(documents, desc="accept", unit="doc", disable=not progress, leave=False):
        _accept(library, document)
    with tqdm(total=len(documents), desc="ingest", unit="doc", disable=not progress) as bar:
        failed = _work(library, parts, lambda: bar.update())
    if failed:
        first = failed[0]
        raise EvaluationError(
            f"{len(failed)} documents of {dataset.name} were not ingested; the first: {first.reason}"
        )


def _accept(library: Library, document: CorpusDocument) -> None:
    """Hand one document in; the same one again is recognised, which makes a run resumable."""
    name = quote(document.id, safe=" ")
    if len(name) > _LONGEST_NAME:
        raise InvalidDatasetError(
            f"The document id {document.id[:60]!r}... is too long; shorten it."
        )
    upload = Upload(
        filename=name,
        blocks=[_text_of(document).encode()],
        allow=document.allow,
        deny=document.deny,
        title=document.title.strip(),
    )
    actor = Actor(Scope.of(DEFAULT_TENANT, [_OWNER]), _OWNER)
    accept(library, actor, upload, limit_bytes=LIMIT_BYTES)


def _work(library: Library, parts: CorpusParts, step: Callable[[], object]) -> Sequence[JobView]:
    """Run as many workers as keep every core busy; return the jobs that failed."""
    failed: list[JobView] = []

    def note(job: JobView) -> None:
        if job.state == "failed":
            failed.append(job)
        if job.state in {"failed", "succeeded"}:
            step()

    def run() -> None:
        ingest = IngestParts(parts.embedder, CorpusParser(), parts.chunking)
        Worker(library, ingest).run_until_idle(note)

    count = parts.workers or (os.cpu_count() or 1) + 1
    with ThreadPoolExecutor(count, thread_name_prefix="ingest") as pool:
        for done in [pool.submit(run) for _ in range(count)]:
            done.result()
    return failed


def _text_of(document: CorpusDocument) -> str:
    return document.text.strip() or document.title.strip()


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold a file lock, so that two runs never fill the same store at once."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
