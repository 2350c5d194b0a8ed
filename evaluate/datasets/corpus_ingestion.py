"""Filling a store from a corpus: the way in that uploads take, several documents side by side."""

import os
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote, unquote

from tqdm import tqdm

from evaluate.datasets.corpus_parser import CorpusParser
from evaluate.datasets.schema import CorpusDocument
from evaluate.errors import EvaluationError, InvalidDatasetError
from index.embedding.embedder import Embedder
from index.library import Library
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.pipeline import IngestDependencies
from ingest.queue.jobs import list_jobs, queue_depth
from ingest.upload import Upload, accept
from ingest.worker import Worker

LIMIT_BYTES = 64 << 20
PAUSE = 0.1
"""Seconds between looks at a queue where nothing is due yet."""
_OWNER = "user:evaluation"
_ACTOR = Actor(Scope.of(DEFAULT_TENANT, [_OWNER]), _OWNER)
_LONGEST_NAME = 250


def fill(
    library: Library,
    corpus: Sequence[CorpusDocument],
    embedder: Embedder,
    chunking: ChunkingConfig,
    *,
    progress: bool,
) -> None:
    """Make every document of the corpus searchable; one that is already is left as it is.

    Raises:
        EvaluationError: a document could not be ingested; the message names the first.
        InvalidDatasetError: a document's id cannot name it.

    """
    documents = [document for document in corpus if _text_of(document)]
    with tqdm(total=len(documents), desc="ingest", unit="doc", disable=not progress) as bar:

        def report(outcome: str) -> None:
            if outcome in {"succeeded", "failed"}:
                bar.update()

        worker = Worker(library, IngestDependencies(embedder, CorpusParser(), chunking), report)
        with running_workers(library, worker):
            accepted = {accept_document(library, document): document for document in documents}
    _check(library, accepted)


def accept_document(library: Library, document: CorpusDocument) -> str:
    """Hand a document in and return its job; the same document again has the same job."""
    name = _name_of(document.id)
    if len(name) > _LONGEST_NAME:
        raise InvalidDatasetError(f"The document id {name[:60]!r}... is too long; shorten it.")
    upload = Upload(
        filename=name,
        blocks=[_text_of(document).encode()],
        allow=document.allow,
        deny=document.deny,
        title=document.title.strip() or " ",  # without one, the file name would be embedded
    )
    accepted = accept(
        library, _ACTOR, upload, limit_bytes=LIMIT_BYTES, publishing="open"
    )  # a set's own lists say who reads
    return accepted.job_id


def _name_of(key: str) -> str:
    """Return a file name that carries a document's id; letters stay where that is shorter."""
    name = quote(key, safe=" ")
    if len(name) > _LONGEST_NAME and unicodedata.is_normalized("NFC", key):
        name = "".join(c if c.isalnum() else quote(c, safe=" ") for c in key)
    inner = name.strip(" ")
    before = len(name) - len(name.lstrip(" "))
    return "%20" * before + inner + "%20" * (len(name) - before - len(inner))


def corpus_id(filename: str) -> str:
    """Return the corpus' own id of a document, which its file name carries."""
    return unquote(filename)


@contextmanager
def running_workers(library: Library, worker: Worker) -> Iterator[None]:
    """Work the queue on every core while the block adds to it, and afterwards until it is empty.

    On an interrupt each thread ends the document in hand and stops.
    """
    all_in, stop = threading.Event(), threading.Event()

    def work() -> None:
        while not stop.is_set():
            last_look = all_in.is_set()
            if worker.run_once():
                continue
            if last_look and not queue_depth(library.database):
                return
            stop.wait(PAUSE)

    count = (os.cpu_count() or 1) + 1
    with ThreadPoolExecutor(count, thread_name_prefix="ingest") as pool:
        futures = [pool.submit(work) for _ in range(count)]
        try:
            yield
            all_in.set()
            for each in futures:
                each.result()
        finally:
            stop.set()


def _check(library: Library, accepted: dict[str, CorpusDocument]) -> None:
    jobs = list_jobs(library.database, _ACTOR, limit=2 * len(accepted) + 1)
    failed_jobs = [job for job in jobs if job.state == "failed" and job.job_id in accepted]
    if failed_jobs:
        first = accepted[failed_jobs[0].job_id].id
        raise EvaluationError(
            f"{len(failed_jobs)} documents could not be ingested. "
            f"The first, {first}: {failed_jobs[0].reason}"
        )


def _text_of(document: CorpusDocument) -> str:
    return document.text.strip() or document.title.strip()
