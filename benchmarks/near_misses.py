"""How many near misses are answered, and how many right answers are lost to what prevents it.

    python -m benchmarks.near_misses DATA/squad2_cs224n --limit 200

DATA is a question set, or a BEIR folder. Of the questions whose original is answered, one thing is
swapped (``evaluate/authoring/near_misses.py``), and the answer to it is counted by status. "Lost"
are originals that the estimate alone would answer and that what they name keeps from it.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
from api.settings import Settings
from evaluate.authoring.near_misses import near_misses
from evaluate.datasets.corpus_store import open_corpus
from evaluate.datasets.loading import Dataset, load_questions, load_retrieval
from evaluate.datasets.sample_scope import scope_of
from evaluate.datasets.schema import Sample
from generate.dependencies import AnswerDependencies
from retrieve.retrieve import retrieve


def outcome(question: str, sample: Sample, dependencies: AnswerDependencies) -> tuple[str, bool]:
    """Return the status that a quoted answer gets, and whether the estimate alone would answer."""
    retrieval = dependencies.retrieval
    top_k = dependencies.config.passages
    results = retrieve(question, scope_of(sample), retrieval, top_k=top_k)
    selection = dependencies.quoter.select(question, results.passages)
    would_answer = selection.confidence >= dependencies.config.confidence
    if not would_answer or not selection.is_answer:
        return "no_evidence", would_answer
    return ("partial" if selection.missing else "answered"), would_answer


def measure(dataset: Dataset, dependencies: AnswerDependencies, limit: int) -> None:
    """Ask the originals, then the near misses of those that are answered, and print shares."""
    samples = [s for s in dataset.samples if s.answerable and s.gold]
    random.Random(11).shuffle(samples)
    texts = {document.id: f"{document.title} {document.text}" for document in dataset.corpus}
    kept: list[Sample] = []
    statuses: Counter[str] = Counter()
    for sample in samples[:limit]:
        status, would_answer = outcome(sample.question, sample, dependencies)
        statuses[status if would_answer else "too unsure"] += 1
        if status == "answered":
            kept.append(sample)
    print(f"originals: {dict(statuses)}")
    _ask_near_misses(kept, texts, dependencies)


def _ask_near_misses(
    samples: Sequence[Sample], texts: dict[str, str], dependencies: AnswerDependencies
) -> None:
    questions = [sample.question for sample in samples]
    answering = [" ".join(texts[document] for document in sample.gold) for sample in samples]
    by_question = dict(zip(questions, samples, strict=True))
    counts: dict[str, Counter[str]] = {}
    for miss in near_misses(questions, answering):
        status, _ = outcome(miss.question, by_question[miss.original], dependencies)
        counts.setdefault(miss.swap, Counter())[status] += 1
        if status == "answered":
            print(f"  answered: {miss.question}")
    for swap, statuses in counts.items():
        total = statuses.total()
        print(f"{swap}: {total}, not answered {1 - statuses['answered'] / total:.3f}")
    every = sum(counts.values(), Counter[str]())
    print(f"all: {every.total()}, not answered {1 - every['answered'] / every.total():.3f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("data", type=Path)
    options.add_argument("--limit", type=int, default=200)
    options.add_argument("--out", type=Path, default=Path("artifacts/public"))
    given = options.parse_args()
    settings = Settings(data=given.out / "store", cache=given.out / "stores")
    embedder = load_embedder(settings)
    corpus = build_corpus(EvaluationFolders.of(settings), embedder)
    answering = answering_builder(settings, embedder)
    is_beir = (given.data / "queries.jsonl").exists()
    dataset = load_retrieval(given.data) if is_beir else load_questions(given.data)
    measure(dataset, answering(open_corpus(dataset, corpus)), given.limit)


if __name__ == "__main__":
    main()
