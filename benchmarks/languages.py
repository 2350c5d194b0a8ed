"""How often BM25 finds the right paragraph, language by language.

    python benchmarks/languages.py DIR

DIR holds one folder for each language with ``corpus.jsonl`` (``_id``, ``text``) and
``questions.jsonl`` (``question``, ``gold``), for instance XQuAD's.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rank_bm25 import BM25Plus

from index.search.bm25 import K1, B
from index.text.analyzer import analyse, document_terms, question_terms

Analyser = Callable[[str], list[str]]
WAYS: dict[str, tuple[Analyser, Analyser]] = {
    "general": (analyse, analyse),
    "both": (document_terms, question_terms),
}


class Ranking(BM25Plus):
    """The project's BM25: Lucene's idf, no lower bound."""

    def _calc_idf(self, nd: dict[str, int]) -> None:
        for term, count in nd.items():
            rest = self.corpus_size - count
            self.idf[term] = float(np.log(1 + (rest + 0.5) / (count + 0.5)))


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def recall(folder: Path, of_document: Analyser, of_question: Analyser) -> tuple[float, float]:
    """Return recall at 1 and at 10."""
    corpus, questions = read(folder / "corpus.jsonl"), read(folder / "questions.jsonl")
    ranking = Ranking([of_document(str(one["text"])) for one in corpus], k1=K1, b=B, delta=0)
    names = [one["_id"] for one in corpus]
    hits = np.zeros(2)
    for one in questions:
        scores = ranking.get_scores(of_question(str(one["question"])))
        order = [names[at] for at in np.argsort(-scores, kind="stable")[:10] if scores[at] > 0]
        gold = set(one["gold"])  # type: ignore[call-overload]
        hits += [bool(gold & set(order[:1])), bool(gold & set(order))]
    first, tenth = hits / len(questions)
    return float(first), float(tenth)


def main() -> None:
    print("language", *(f"{way} R@1 R@10" for way in WAYS), sep="\t")
    for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        found = [recall(folder, *ways) for ways in WAYS.values()]
        print(folder.name, *(f"{first:.3f} {tenth:.3f}" for first, tenth in found), sep="\t")


if __name__ == "__main__":
    main()
