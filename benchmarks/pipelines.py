"""Retrieval beside Haystack's and LlamaIndex's hybrid pipelines: one run, the same embedder.

    make peers
    .venv/bin/python -m benchmarks.pipelines DATA [--sets scifact,nfcorpus]

DATA holds BEIR folders. Every system searches the same pieces of text (our chunks, with their
titles) by the same vectors (the embedded model's), so that what differs is how words are searched
and how both are joined; ours is `retrieve()` as it is shipped. Peers keep their defaults. The
ratio is ours to the mean of the peers, each by the better of its ways to join.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, build_corpus
from api.settings import Settings
from benchmarks.cached import CachedEmbedder
from evaluate.datasets.corpus_ingestion import corpus_id
from evaluate.datasets.corpus_store import CorpusDependencies, open_corpus
from evaluate.datasets.loading import load_retrieval
from evaluate.datasets.schema import Sample
from evaluate.metrics.bootstrap import interval_of_mean
from evaluate.metrics.ranking import ndcg
from evaluate.runners.common import draw
from evaluate.runners.retrieval import evaluate_retrieval
from index.db.tables.documents import ChunkRow, Document, Vector
from index.library import Library
from retrieve.config import RetrievalConfig

PEERS = ("haystack", "llamaindex")
PYTHON = Path(".venv-peers/bin/python")


def export(
    library: Library, corpus: CorpusDependencies, samples: Sequence[Sample], to: Path
) -> int:
    """Write what the peers are given; return how many pieces of text that is."""
    chosen = (
        select(ChunkRow.context, ChunkRow.text, Document.filename, Vector.data)
        .join(Document, Document.key == ChunkRow.document_key)
        .join(Vector, Vector.chunk_key == ChunkRow.key)
        .where(Vector.model == corpus.embedder.name)
        .order_by(ChunkRow.key)
    )
    with library.database.read() as session:
        rows = session.execute(chosen).all()
    with (to / "pieces.jsonl").open("w") as file:
        for context, text, filename, _ in rows:
            piece = {"document": corpus_id(filename), "text": f"{context}\n{text}"}
            file.write(json.dumps(piece) + "\n")
    with (to / "questions.jsonl").open("w") as file:
        for sample in samples:
            file.write(json.dumps({"id": sample.id, "text": sample.question}) + "\n")
    vectors = [np.frombuffer(row[3], dtype="<f2").astype(np.float32) for row in rows]
    np.save(to / "vectors.npy", np.array(vectors))
    np.save(to / "asked.npy", corpus.embedder.embed([sample.question for sample in samples]))
    return len(rows)


def peer_values(samples: Sequence[Sample], folder: Path) -> dict[str, dict[str, list[float]]]:
    """Return nDCG@10 of every question, for each peer and each way in which it joins its legs."""
    command = [PYTHON, "-m", "benchmarks.peers.pipelines", folder]
    running = {n: subprocess.Popen([*command, n], stdout=subprocess.PIPE) for n in PEERS}
    values: dict[str, dict[str, list[float]]] = {}
    for name, process in running.items():
        told, _ = process.communicate()
        assert process.returncode == 0, f"{name} ended with {process.returncode}"
        found: Mapping[str, Mapping[str, list[str]]] = json.loads(told)
        values[name] = {
            way: [float(ndcg(held[s.id], s.judgements, 10).value or 0.0) for s in samples]
            for way, held in found.items()
        }
    return values


def measure(folder: Path, corpus: CorpusDependencies, limit: int | None) -> dict[str, Any]:
    """Measure one data set with every system; nDCG@10 by system and way."""
    dataset = load_retrieval(folder)
    samples = draw(dataset.samples, limit)
    report = evaluate_retrieval(folder, corpus, RetrievalConfig(), limit=limit, progress=False)
    scores = [result.scores["ndcg@10"].value for result in report.results]
    ours = [0.0 if value is None else value for value in scores]
    rows: dict[str, list[float]] = {"footnote, as shipped": ours}
    best = []
    with tempfile.TemporaryDirectory() as kept:
        count = export(open_corpus(dataset, corpus, progress=False), corpus, samples, Path(kept))
        for name, ways in peer_values(samples, Path(kept)).items():
            rows |= {f"{name}, {way}": values for way, values in ways.items()}
            best.append(max(ways.values(), key=sum))
    peers = [sum(pair) / len(pair) for pair in zip(*best, strict=True)]
    gap = interval_of_mean([mine - theirs for mine, theirs in zip(ours, peers, strict=True)])
    return {
        "set": folder.name,
        "questions": len(samples),
        "pieces": count,
        "rows": {name: sum(values) / len(values) for name, values in rows.items()},
        "peers": sum(peers) / len(peers),
        "ratio": sum(ours) / sum(peers),
        "difference": [gap.low, gap.high] if gap else None,
    }


def show(one: Mapping[str, Any]) -> None:
    print(f"{one['set']}: {one['questions']} questions over {one['pieces']} pieces")
    for name, value in one["rows"].items():
        print(f"  {name:44} {value:.4f}")
    low, high = one["difference"] or (0.0, 0.0)
    print(
        f"  mean of the peers' better ways {one['peers']:.4f}, ratio {one['ratio']:.3f}, "
        f"difference's 95 % {low:+.4f} to {high:+.4f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="scifact,nfcorpus")
    parser.add_argument("--limit", type=int, help="questions of each set, drawn with a fixed seed")
    parser.add_argument("--out", type=Path, default=Path("artifacts/public"))
    options = parser.parse_args()
    settings = Settings(data=options.out / "store", cache=options.out / "stores")
    vectors = CachedEmbedder(load_embedder(settings), options.out / "vectors.db")
    corpus = build_corpus(EvaluationFolders.of(settings), vectors)
    measured = []
    for name in options.sets.split(","):
        measured.append(measure(options.data / name, corpus, options.limit))
        show(measured[-1])
    mine = sum(one["rows"]["footnote, as shipped"] for one in measured) / len(measured)
    theirs = sum(one["peers"] for one in measured) / len(measured)
    print(f"mean over the sets: ours {mine:.4f}, peers {theirs:.4f}, ratio {mine / theirs:.3f}")


if __name__ == "__main__":
    main()
