"""Whether retrieval finds the documents that people judged relevant.

Every query goes through ``retrieve()``, the function that answers and searches use.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from evaluate.corpus import CorpusParts, open_corpus, store_key
from evaluate.datasets import Dataset, load_retrieval
from evaluate.fill import corpus_id
from evaluate.metrics import ranking as metrics
from evaluate.results import Report, Result, average
from evaluate.runs import draw, scope_of, side_by_side, versions
from evaluate.samples import Sample
from index.tables import utc_now
from retrieve.config import RetrievalConfig
from retrieve.rerank import Reranker
from retrieve.retrieve import RetrievalParts, retrieve

DEPTH = 100
"""Documents ranked for each query."""
KEEP_COPIES = 2.0
"""A similarity that nothing reaches."""
HEADLINE = "ndcg@10"
_METRICS = {
    "ndcg@10": (metrics.ndcg, 10),
    "recall@100": (metrics.recall, 100),
    "recall@10": (metrics.recall, 10),
    "mrr@10": (metrics.reciprocal_rank, 10),
    "map@100": (metrics.average_precision, 100),
    "precision@10": (metrics.precision, 10),
    "hit_rate@10": (metrics.hit_rate, 10),
}


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document and the score of its best chunk."""

    id: str
    score: float


def evaluate_retrieval(
    folder: Path,
    parts: CorpusParts,
    config: RetrievalConfig,
    *,
    reranker: Reranker | None = None,
    limit: int | None = None,
    progress: bool = True,
) -> Report:
    """Measure retrieval on a BEIR folder, or on the gold documents of a question set.

    ``limit`` measures that many queries, drawn with a fixed seed.

    Raises:
        EvaluationError: the data set is not usable, or its corpus could not be ingested.

    """
    started, clock = utc_now(), time.monotonic()
    dataset = load_retrieval(folder)
    library = open_corpus(dataset, parts, progress=progress)
    retrieval = RetrievalParts(library, parts.embedder, ranking_config(config), reranker)
    samples = draw(dataset.samples, limit)
    results = side_by_side(
        lambda sample: _judge(sample, retrieval), samples, label="search", progress=progress
    )
    return Report(
        kind="retrieval",
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        headline=HEADLINE,
        measures=average(results, tuple(_METRICS)),
        results=tuple(results),
        config={
            "store": store_key(dataset, parts),
            "retrieval": asdict(retrieval.config),
            "reranker": reranker.name if reranker else None,
            "versions": versions(),
        },
        counts=_counts(dataset, samples),
        started_at=started,
        seconds=time.monotonic() - clock,
        warnings=dataset.warnings,
    )


def rank_documents(question: str, sample: Sample, parts: RetrievalParts) -> list[RankedDocument]:
    """Return up to ``DEPTH`` documents, best first; a document scores as its best chunk.

    Asks for more passages until enough distinct documents are found or there are no more.
    """
    wanted = 2 * DEPTH
    while True:
        passages = retrieve(question, scope_of(sample), parts, top_k=wanted).passages
        best: dict[str, float] = {}
        for passage in passages:
            best.setdefault(corpus_id(passage.chunk.filename), passage.score)
        if len(best) >= DEPTH or len(passages) < wanted:
            return [RankedDocument(key, score) for key, score in best.items()][:DEPTH]
        wanted *= 2


def ranking_config(config: RetrievalConfig) -> RetrievalConfig:
    """Switch off what shapes passages for reading: copies stay, and nothing is widened.

    The judgements of a data set count a copy as a document of its own.
    """
    return replace(config, near_duplicate=KEEP_COPIES, reach=0)


def _judge(sample: Sample, parts: RetrievalParts) -> Result:
    ranked = rank_documents(sample.question, sample, parts)
    order = [document.id for document in ranked]
    scores = {name: metric(order, sample.judgements, k) for name, (metric, k) in _METRICS.items()}
    missed = [key for key in sample.gold if key not in order[:10]]
    facts = {
        "ranking": [[document.id, round(document.score, 6)] for document in ranked[:10]],
        "relevant_beyond_10": missed[:20],
    }
    return Result(sample.id, sample.question, scores, facts)


def _counts(dataset: Dataset, samples: Sequence[Sample]) -> dict[str, int]:
    return {"documents": len(dataset.corpus), "queries": len(samples)}
