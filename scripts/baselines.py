"""Write the baselines of the sample set again: what the gates compare with.

Only figures and scores are kept, not what was answered; run it after a change that is meant.
"""

import argparse
import json
import tempfile
from pathlib import Path

from api.composition.answering import build_verifier
from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
from api.settings import Settings
from evaluate.reports.report import report_json
from evaluate.runners.answers import evaluate_answers
from evaluate.runners.retrieval import evaluate_retrieval
from evaluate.runners.verifier import evaluate_verifier
from retrieve.config import RetrievalConfig

SET = Path(__file__).parents[1] / "samples" / "evaluation"
DROPPED = ("answer", "passages", "citations", "ranking", "evidence", "references")


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        embedder = load_embedder(settings)
        corpus = build_corpus(EvaluationFolders.of(settings), embedder)
        answering, verifier = (
            answering_builder(settings, embedder),
            build_verifier(settings, embedder),
        )
        reports = {
            "retrieval": evaluate_retrieval(SET, corpus, RetrievalConfig()),
            "answers": evaluate_answers(SET, corpus, answering, judge=verifier),
            "verifier": evaluate_verifier(SET / "claims.jsonl", verifier),
        }
        for name, report in reports.items():
            fields = report_json(report)
            for result in fields["results"]:
                for fact in DROPPED:
                    result.pop(fact, None)
            fields["curves"] = []
            text = json.dumps(fields, ensure_ascii=False, indent=1)
            (SET / "baselines" / f"{name}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()
