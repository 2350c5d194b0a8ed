"""Does a model's cited sentence answer the question? The estimate after a model has written.

    python -m benchmarks.after DATA/squad2_cs224n

Every question is asked of the whole corpus through the search as shipped. Of an answerable one the
quote that a model would cite rightly is a sentence of its passages that has the answer; quotes that
it would cite beside the point are, of the same passages, the sentence most like that one that does
not have it, and one drawn by lot. Of an unanswerable one it is the sentence that would be quoted.
"""

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, build_corpus
from api.composition.retrieval import build_retrieval, load_reranker
from api.settings import Settings
from benchmarks.quotes import PASSAGES, auroc
from evaluate.datasets.corpus_store import open_corpus
from evaluate.datasets.loading import load_questions
from evaluate.datasets.sample_scope import scope_of
from evaluate.metrics.citations import answer_in_quote
from evaluate.runners.common import draw
from generate.config import QuoteConfig
from generate.quoting.candidates import candidates, rank
from generate.quoting.quoter import Quoter
from retrieve.retrieve import retrieve

if TYPE_CHECKING:
    from generate.types import Quote

THRESHOLDS = (0.02, 0.03, 0.05, 0.08, 0.10, 0.15)


def main() -> None:
    options = _options()
    settings = Settings(data=options.out / "store", cache=options.out / "stores")
    corpus = build_corpus(EvaluationFolders.of(settings), load_embedder(settings))
    dataset = load_questions(options.data)
    library = open_corpus(dataset, corpus)
    retrieval = build_retrieval(library, corpus.embedder, load_reranker(settings))
    quoter = Quoter(corpus.embedder, QuoteConfig())
    lots = random.Random(0)
    sure: dict[str, list[float]] = {"right": [], "close by": [], "by lot": [], "unanswerable": []}
    for sample in draw(dataset.samples, options.limit):
        results = retrieve(sample.question, scope_of(sample), retrieval, top_k=PASSAGES).passages
        pool = candidates(results)
        order = rank(sample.question, pool, corpus.embedder, len(pool))

        quotes = [item.candidate.quote for item in order]
        holds = [answer_in_quote([q.text], sample.answers, 1).value == 1 for q in quotes]
        right = [quote for quote, held in zip(quotes, holds, strict=True) if held]
        beside = [quote for quote, held in zip(quotes, holds, strict=True) if not held]
        cited: dict[str, Quote] = {}
        if not sample.answerable:
            cited = {"unanswerable": quotes[0]}
        elif right and beside:
            cited = {"right": right[0], "close by": beside[0], "by lot": lots.choice(beside)}
        for kind, quote in cited.items():
            sure[kind].append(quoter.estimate_answerability(sample.question, [quote]))
    _show(sure)


def _show(sure: dict[str, list[float]]) -> None:
    print("| cited | questions | AUROC against right |", *(f"below {t} |" for t in THRESHOLDS))
    print("| --- | ---: | ---: |", *("---: |" for _ in THRESHOLDS))
    for kind, values in sure.items():
        below = (f"{np.mean(np.array(values) < t):.3f} |" for t in THRESHOLDS)
        area = "" if kind == "right" else f"{auroc(np.array(sure['right']), np.array(values)):.3f}"
        print(f"| {kind} | {len(values)} | {area} |", *below)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="a question set with paragraphs as documents")
    parser.add_argument("--out", type=Path, default=Path("artifacts/public"))
    parser.add_argument("--limit", type=int, default=600, help="questions, drawn with a seed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
