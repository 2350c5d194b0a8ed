"""A data set's corpus as a store of its own, filled the way uploads are and kept between runs."""

import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
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
from index import sentences
from index.analyser import ANALYSER_VERSION
from index.embedder import Embedder
from index.library import Library
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest import chunk, cut
from ingest.accept import Upload, accept
from ingest.chunk import ChunkingConfig
from ingest.ingest import IngestParts
from ingest.jobs import list_jobs, queue_depth
from ingest.worker import Worker

LAYOUT = 1
"""Part of every cache key: raised when what is stored for a corpus changes."""
LIMIT_BYTES = 64 << 20
PAUSE = 0.1
"""Seconds between looks at a queue whose jobs are not due yet."""
_OWNER = "user:evaluation"
_ACTOR = Actor(Scope.of(DEFAULT_TENANT, [_OWNER]), _OWNER)
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
        "chunker": _source_hash(),
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
    bar = tqdm(documents, desc="accept", unit="doc", disable=not progress, leave=False)
    accepted = {accept_document(library, document): document for document in bar}
    left = queue_depth(library)
    with tqdm(total=left, desc="ingest", unit="doc", disable=not progress) as bar:
        work_queue(library, parts, bar.update)
    jobs = list_jobs(library, _ACTOR, limit=len(accepted) + len(documents))
    failed = [job for job in jobs if job.state == "failed" and job.job_id in accepted]
    if failed:
        first = accepted[failed[0].job_id].id
        raise EvaluationError(
            f"{len(failed)} documents of {dataset.name} could not be ingested. "
            f"The first, {first}: {failed[0].reason}"
        )


def accept_document(library: Library, document: CorpusDocument) -> str:
    """Hand a document in and return its job.

    The same document again is recognised, which is what makes a run resumable.
    """
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
        title=document.title.strip() or " ",  # without one, the file name would be embedded
    )
    return accept(library, _ACTOR, upload, limit_bytes=LIMIT_BYTES).job_id


def work_queue(library: Library, parts: CorpusParts, step: Callable[[int], object]) -> None:
    """Work the queue until it is empty, with enough jobs side by side to keep every core busy."""

    def told(outcome: str) -> None:
        if outcome in {"succeeded", "failed"}:
            step(1)

    worker = Worker(library, IngestParts(parts.embedder, CorpusParser(), parts.chunking), told)
    while queue_depth(library):
        _drain(worker)
        time.sleep(PAUSE)  # what is left waits for its retry, or for the lease of a killed run


def _drain(worker: Worker) -> None:
    """Do every job that is due; on an interrupt each thread ends the job it is at."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set() and worker.run_once():
            pass

    count = (os.cpu_count() or 1) + 1
    with ThreadPoolExecutor(count, thread_name_prefix="ingest") as pool:
        try:
            for done in [pool.submit(work) for _ in range(count)]:
                done.result()
        finally:
            stop.set()


def _source_hash() -> str:
    """Return a hash of the code that cuts texts: another cut makes another store."""
    digest = hashlib.sha256()
    for module in (chunk, cut, sentences):
        assert module.__file__ is not None
        digest.update(Path(module.__file__).read_bytes())
    return digest.hexdigest()[:16]


def _text_of(document: CorpusDocument) -> str:
    return document.text.strip() or document.title.strip()


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold a file lock, so that two runs never fill the same store at once."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
