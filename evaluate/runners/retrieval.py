"""Measure whether retrieval finds the documents that people judged relevant.

Every query goes through ``retrieve()``, the function that answers and searches use. A question
with earlier turns is rewritten by rules first, as an ask without a rewriting model does.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from evaluate.datasets.access_matrix import Matrix, access_matrix
from evaluate.datasets.corpus_ingestion import corpus_id
from evaluate.datasets.corpus_store import CorpusDependencies, open_corpus, store_key
from evaluate.datasets.loading import Dataset, load_retrieval
from evaluate.datasets.sample_conversation import standalone_question_of
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import JsonLine, Sample
from evaluate.metrics import ranking as metrics
from evaluate.metrics.leaks import leaks
from evaluate.metrics.score import Score
from evaluate.runners.common import SEED, draw, refusals, side_by_side, versions
from evaluate.runners.journal import Journal, NoJournal
from evaluate.scoring.aggregates import AGGREGATES, LEAKS, latency_curve, slices_of
from evaluate.scoring.results import Curve, Measure, Report, Result, average
from index.db.tables.base import utc_now
from retrieve.config import RetrievalConfig
from retrieve.errors import InvalidQuestionError
from retrieve.reranking import Reranker
from retrieve.retrieve import RetrievalDependencies, retrieve
from retrieve.retrievers import HYBRID, Retriever

DEPTH = 100
"""Documents ranked for each query."""
KEEP_COPIES = 2.0
"""A similarity that nothing reaches."""
QUESTION_CHARACTERS = 1_000_000
HEADLINE = "ndcg@10"
Metric = Callable[[Sequence[str], metrics.Judgements, int], Score]
METRICS: Mapping[str, tuple[Metric, int]] = {
    "ndcg@10": (metrics.ndcg, 10),
    "recall@100": (metrics.recall, 100),
    "recall@10": (metrics.recall, 10),
    "mrr@10": (metrics.reciprocal_rank, 10),
    "map@100": (metrics.average_precision, 100),
    "precision@10": (metrics.precision, 10),
    "hit_rate@10": (metrics.hit_rate, 10),
}


_DRAWN_RANKS = (1, 2, 3, 5, 10, 20, 30, 50, 70, 100)


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document and the score of its best chunk."""

    id: str
    score: float


class Ranking(JsonLine):
    """The documents of one query, and the seconds it took."""

    documents: tuple[tuple[str, float], ...]
    """Ids and scores, best first."""
    seconds: float
    """Up to the whole depth of the ranking, which is deeper than an answer needs."""
    refused: str = ""
    """Why nothing was searched for; empty where it was."""
    searched: str = ""
    """The question as it was searched for, where earlier turns changed it."""


def evaluate_retrieval(
    folder: Path,
    dependencies: CorpusDependencies,
    config: RetrievalConfig,
    *,
    retriever: Retriever = HYBRID,
    reranker: Reranker | None = None,
    limit: int | None = None,
    journal: Journal | None = None,
    progress: bool = True,
) -> Report:
    """Measure retrieval on a BEIR folder, or on the gold documents of a question set.

    ``limit`` measures that many queries, drawn with a fixed seed.

    Raises:
        EvaluationError: the data set is not usable, or its corpus could not be ingested.

    """
    started, clock = utc_now(), time.monotonic()
    dataset = load_retrieval(folder)
    library = open_corpus(dataset, dependencies, progress=progress)
    retrieval = RetrievalDependencies(
        library, dependencies.embedder, ranking_config(config), reranker, retriever
    )
    samples = draw(dataset.samples, limit)
    config_of_run = {
        "store": store_key(dataset, dependencies),
        "retrieval": asdict(
            replace(retrieval.config, question_characters=config.question_characters)
        ),
        "retriever": retriever.name,
        "rewriting": "rules",
        "reranker": reranker.name if reranker else None,
        "limit": limit,
    }
    records = (journal or NoJournal()).open("retrieval", dataset.fingerprint, config_of_run)
    matrix = access_matrix(dataset.corpus)

    def judge(sample: Sample) -> Result:
        ranking = records.once(sample.id, Ranking, lambda: _rank(sample, retrieval))
        return judge_ranking(sample, ranking, matrix)

    results = side_by_side(judge, samples, label="search", progress=progress)
    records.finish()
    measures = average(results, tuple(METRICS))
    measures[LEAKS] = Measure(AGGREGATES[LEAKS](results))
    return Report(
        kind="retrieval",
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        headline=HEADLINE,
        measures=measures,
        results=tuple(results),
        config={**config_of_run, "seed": SEED, "versions": versions()},
        counts=_counts(dataset, samples),
        started_at=started,
        seconds=time.monotonic() - clock,
        curves=draw_rankings(results),
        warnings=(*dataset.warnings, *refusals(results)),
        slices=slices_of(results, HEADLINE),
    )


def rank_documents(
    question: str, sample: Sample, dependencies: RetrievalDependencies
) -> list[RankedDocument]:
    """Return up to ``DEPTH`` documents, best first; a document scores as its best chunk.

    Asks for more passages until enough distinct documents are found or there are no more.
    """
    depth = 2 * DEPTH
    while True:
        passages = retrieve(question, scope_of(sample), dependencies, top_k=depth).passages
        best: dict[str, float] = {}
        for passage in passages:
            best.setdefault(corpus_id(passage.chunk.filename), passage.score)
        for excluded in sample.excluded:
            best.pop(excluded, None)
        if len(best) >= DEPTH or len(passages) < depth:
            return [RankedDocument(key, score) for key, score in best.items()][:DEPTH]
        depth *= 2


def ranking_config(config: RetrievalConfig) -> RetrievalConfig:
    """Switch off what shapes passages for reading: copies stay, and nothing is widened.

    The judgements of a data set count a copy as a document of its own. Some sets ask with whole
    documents, longer than a person may: no length is refused.
    """
    return replace(
        config, near_duplicate=KEEP_COPIES, reach=0, question_characters=QUESTION_CHARACTERS
    )


def judge_ranking(sample: Sample, ranking: Ranking, matrix: Matrix) -> Result:
    """Score one ranking against the judgements, and count what its asker may not read."""
    order = [document for document, _ in ranking.documents]
    scores = {name: metric(order, sample.judgements, k) for name, (metric, k) in METRICS.items()}
    scores[LEAKS] = leaks(order, scope_of(sample), matrix)
    missed_documents = [key for key in sample.gold if key not in order[:10]]
    facts = {
        "ranking": [[document, round(score, 6)] for document, score in ranking.documents[:10]],
        "relevant_beyond_10": missed_documents[:20],
        "relevant_ranks": [at for at, key in enumerate(order, 1) if key in sample.gold],
        "relevant": len(sample.gold),
        "seconds": round(ranking.seconds, 4),
        "tags": dict(sample.tags),
    }
    if ranking.searched:
        facts["searched"] = ranking.searched
    if ranking.refused:
        facts["refused"] = ranking.refused
    return Result(sample.id, sample.question, scores, facts)


def _rank(sample: Sample, dependencies: RetrievalDependencies) -> Ranking:
    question = standalone_question_of(sample)
    searched = question if question != sample.question else ""
    clock = time.monotonic()
    try:
        ranking = rank_documents(question, sample, dependencies)
    except InvalidQuestionError as error:
        return Ranking(documents=(), seconds=time.monotonic() - clock, refused=str(error))
    seconds = time.monotonic() - clock
    documents = tuple((one.id, one.score) for one in ranking)
    return Ranking(documents=documents, seconds=seconds, searched=searched)


def draw_rankings(results: Sequence[Result]) -> tuple[Curve, ...]:
    """Draw the mean recall by rank, and how long a ranking takes."""
    relevant_facts = [r.facts for r in results if r.facts["relevant"]]
    if not relevant_facts:
        return ()
    points = tuple(
        (
            rank / DEPTH,
            sum(
                sum(at <= rank for at in f["relevant_ranks"]) / f["relevant"]
                for f in relevant_facts
            )
            / len(relevant_facts),
        )
        for rank in _DRAWN_RANKS
    )
    title = "Recall by rank"
    recall = Curve(title, "documents looked at", "share of relevant found", points, scale=DEPTH)
    return (recall, *latency_curve([1000 * r.facts["seconds"] for r in results]))


def _counts(dataset: Dataset, samples: Sequence[Sample]) -> dict[str, int]:
    return {"documents": len(dataset.corpus), "queries": len(samples)}
