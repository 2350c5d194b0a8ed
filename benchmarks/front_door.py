"""Many PDFs through the front door: uploaded to a running service, then ranked by judgements.

    python -m benchmarks.front_door DATA/nfcorpus

DATA/nfcorpus is a BEIR folder that holds every document of its corpus as ``pdfs/<id>.pdf`` too.
Printed are documents a second from the first upload until the last is searchable, the seconds
that embedding alone takes for the same chunks in this process (estimated from a thousand), nDCG@10
of the test questions over HTTP, to be held against ``footnote evaluate retrieval DATA/nfcorpus``,
and how long one client waits for a search and for a quoted answer.
"""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from sqlalchemy import select
from tqdm import tqdm

from api.composition.embedding_model import load_embedder
from api.composition.store import open_store
from api.settings import Settings
from evaluate.datasets.loading import load_retrieval
from evaluate.metrics.ranking import ndcg
from evaluate.metrics.score import judged_values
from index.db.tables.documents import ChunkRow

UPLOADERS = 4
READY_S = 120.0
DEEPEST = 100
EMBEDDED = 1000
WARM, ASKED = 5, 150
"""Questions that are not counted, and that are."""


@contextmanager
def service(data: Path) -> Iterator[httpx.Client]:
    """Run Footnote over an empty folder and yield a client with an administrator's key."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    footnote = [sys.executable, "-m", "api.cli"]
    keys = [*footnote, "admin", "key", "create", "--user", "load", "--role", "admin", "--json"]
    result = subprocess.run(
        [*keys, "--data", str(data)], capture_output=True, check=True, text=True
    )
    environment = {**os.environ, "FOOTNOTE_RATE_LIMIT": "0", "FOOTNOTE_LOG_LEVEL": "warning"}
    process = subprocess.Popen(
        [*footnote, "serve", "--data", str(data), "--port", str(port)], env=environment
    )
    key = httpx.Response(200, text=result.stdout).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120
        ) as client:
            _await_ready(client)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def _await_ready(client: httpx.Client) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        try:
            if client.get("/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise TimeoutError("The service did not become ready.")


def upload(client: httpx.Client, files: Sequence[Path]) -> tuple[float, Counter[str]]:
    """Upload and wait for every job; return the seconds and how many jobs ended in each state."""
    start = time.monotonic()

    def one(file: Path) -> str:
        answer = client.post(
            "/v1/documents",
            files={"file": (file.name, file.read_bytes(), "application/pdf")},
            data={"allow": ["tenant:all"]},
            headers={"Idempotency-Key": secrets.token_hex(8)},
        )
        job: str = answer.raise_for_status().json()["job_id"]
        return job

    with ThreadPoolExecutor(UPLOADERS) as pool:
        jobs = list(tqdm(pool.map(one, files), total=len(files), desc="upload"))
    states: Counter[str] = Counter()
    for job in tqdm(jobs, desc="searchable"):
        while (state := client.get(f"/v1/jobs/{job}").json()["state"]) in {"queued", "running"}:
            time.sleep(0.1)
        states[state] += 1
    return time.monotonic() - start, states


def rank(client: httpx.Client, question: str) -> list[str]:
    """Return the documents of a search, best first, by the corpus' ids."""
    body = {"query": question, "top_k": DEEPEST}
    passages: list[dict[str, Any]] = (
        client.post("/v1/search", json=body).raise_for_status().json()["passages"]
    )
    return list(dict.fromkeys(Path(one["filename"]).stem for one in passages))


def waits(client: httpx.Client, path: str, bodies: Sequence[dict[str, Any]]) -> str:
    """Post bodies one after another; return the median and the 95th percentile in milliseconds."""
    seconds = []
    for body in bodies:
        start = time.perf_counter()
        client.post(path, json=body).raise_for_status()
        seconds.append(time.perf_counter() - start)
    median, late = np.quantile(seconds[WARM:], (0.5, 0.95)) * 1000
    return f"{median:.0f} ms at the median, {late:.0f} ms at the 95th percentile"


def chunk_texts(data: Path) -> list[str]:
    """Return what was embedded of each chunk of a store, in the order of their making."""
    with open_store(Settings(data=data)) as store, store.database.read() as session:
        chosen = select(ChunkRow.context, ChunkRow.text).order_by(ChunkRow.key)
        rows = session.execute(chosen).all()
    return [f"{context}\n{text}" if context else text for context, text in rows]


def embed_alone(data: Path) -> tuple[int, float]:
    """Return how many chunks the store has, and the seconds that embedding them alone takes.

    Evenly spread chunks are embedded, ``EMBEDDED`` of them at most, and their time is scaled up.
    """
    texts, embedder = chunk_texts(data), load_embedder(Settings(data=data))
    embedder.embed(texts[:8])  # loads and compiles
    some = texts[:: max(1, len(texts) // EMBEDDED)]
    start = time.monotonic()
    embedder.embed(some)
    return len(texts), (time.monotonic() - start) * len(texts) / len(some)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, help="documents uploaded; for a quick look")
    options = parser.parse_args()
    files = sorted((options.data / "pdfs").glob("*.pdf"))[: options.limit]
    samples = load_retrieval(options.data).samples
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with service(data) as client:
            seconds, states = upload(client, files)
            results = [rank(client, one.question) for one in tqdm(samples, desc="search")]
            asked = [one.question for one in samples[: WARM + ASKED]]
            searches = waits(client, "/v1/search", [{"query": one} for one in asked])
            answers = waits(client, "/v1/ask", [{"question": one} for one in asked])
        chunks, lone_vector = embed_alone(data)
    pairs = zip(results, samples, strict=True)
    values = judged_values(ndcg(documents, one.judgements, 10) for documents, one in pairs)
    print(f"{len(files):,} PDFs, {chunks:,} chunks: {dict(states)}")
    print(f"searchable after {seconds:.1f} s: {len(files) / seconds:.2f} documents/s")
    print(f"embedding alone {lone_vector:.1f} s: {lone_vector / seconds:.2f} of that time")
    print(f"one client: a search {searches}; an answer {answers}")
    print(f"nDCG@10 over HTTP {sum(values) / len(values):.4f}, {len(values)} questions")


if __name__ == "__main__":
    main()
