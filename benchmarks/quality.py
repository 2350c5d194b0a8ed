"""The public battery: how good retrieval, answers and the verifier are, and each leg alone.

    make evaluate-public DATA=DIR

DIR is a folder of public data sets: scifact, nfcorpus (BEIR folders), squad2_cs224n, clapnq,
xquad/<language> (question sets), wice/oracle_claim_dev.jsonl. Each set is a piece of its own, kept
in the output folder as soon as it is done; a piece that is there for this code is not run again.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.composition.answering import build_verifier
from api.composition.embedding_model import load_embedder
from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
from api.settings import Settings
from benchmarks.cached import CachedEmbedder
from benchmarks.quality_tables import write_tables
from evaluate.datasets.corpus_store import CorpusDependencies
from evaluate.reports.report import summary_json, write_report
from evaluate.runners.answers import evaluate_answers
from evaluate.runners.journal import FileJournal, code_version
from evaluate.runners.retrieval import evaluate_retrieval
from evaluate.runners.verifier import evaluate_verifier
from evaluate.scoring.results import Report
from retrieve.config import RetrievalConfig
from retrieve.retrievers import RETRIEVERS

LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ru", "vi", "zh")
RETRIEVAL = ("scifact", "nfcorpus", "squad2_cs224n", "clapnq-mixed")
MIXED = ("clapnq", "squad2_cs224n", "scifact", "nfcorpus")
SETS = (*RETRIEVAL, *(f"xquad-{one}" for one in LANGUAGES), "squad2-answers", "clapnq-answers",
        "wice")  # fmt: skip
SQUAD_QUESTIONS = 2000
XQUAD_QUESTIONS = 400
LEGS = ("bm25", "dense", "rrf")


@dataclass(frozen=True)
class Battery:
    """The folders, settings and model that every part of the battery needs."""

    data: Path
    out: Path
    settings: Settings
    embedder: CachedEmbedder
    limit: int | None

    @property
    def corpus(self) -> CorpusDependencies:
        """Return the function that turns a corpus into a store."""
        return build_corpus(EvaluationFolders.of(self.settings), self.embedder)

    def folder(self, name: str) -> Path:
        """Return a data set's folder; the mixed one is put together first."""
        if name == "clapnq-mixed":
            return mixed(self.data, self.out / "clapnq-mixed")
        return self.data / name.replace("xquad-", "xquad/")

    def at_most(self, count: int | None) -> int | None:
        """Return how many questions are asked."""
        return min(filter(None, (self.limit, count)), default=None)


def mixed(data: Path, folder: Path) -> Path:
    """Write ClapNQ's questions over the documents of all sets, each id with its set's name."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "corpus.jsonl").open("w") as corpus:
        for name in MIXED:
            for line in read(data / name / "corpus.jsonl"):
                corpus.write(json.dumps({**line, "_id": f"{name}:{line['_id']}"}) + "\n")
    with (folder / "questions.jsonl").open("w") as questions:
        for line in read(data / "clapnq" / "questions.jsonl"):
            gold = [f"clapnq:{key}" for key in line["gold"]]
            questions.write(json.dumps({**line, "gold": gold}) + "\n")
    return folder


def read(file: Path) -> Iterator[dict[str, Any]]:
    with file.open() as lines:
        yield from map(json.loads, lines)


def measure(name: str, battery: Battery) -> dict[str, Any]:
    """Measure one piece and keep its report."""
    clock = time.monotonic()
    if name == "wice":
        file = battery.data / "wice" / "oracle_claim_dev.jsonl"
        verifier = build_verifier(battery.settings, battery.embedder)
        report = evaluate_verifier(file, verifier, limit=battery.limit)
        row: dict[str, Any] = {}
    elif name.endswith("-answers"):
        report, row = _answers(name, battery), {}
    else:
        report, row = _retrieval(name, battery)
    write_report(report, battery.out / name)
    return {
        **row, "name": name, "code": code_version(), "limit": battery.limit,
        "seconds": time.monotonic() - clock, "shipped": summary_json(report),
    }  # fmt: skip


def _answers(name: str, battery: Battery) -> Report:
    folder, most = {
        "squad2-answers": ("squad2_cs224n", SQUAD_QUESTIONS),
        "clapnq-answers": ("clapnq-mixed", None),
    }[name]
    return evaluate_answers(
        battery.folder(folder),
        battery.corpus,
        answering_builder(battery.settings, battery.embedder),
        limit=battery.at_most(most),
        journal=FileJournal(battery.out / "unfinished"),
    )


def _retrieval(name: str, battery: Battery) -> tuple[Report, dict[str, Any]]:
    limit = battery.at_most(XQUAD_QUESTIONS if name.startswith("xquad") else None)
    folder, corpus = battery.folder(name), battery.corpus
    report = evaluate_retrieval(
        folder, corpus, RetrievalConfig(), limit=limit,
        journal=FileJournal(battery.out / "unfinished"),
    )  # fmt: skip
    legs = {}
    for leg in LEGS:
        by_leg = evaluate_retrieval(
            folder, corpus, RetrievalConfig(), retriever=RETRIEVERS[leg], limit=limit,
            journal=FileJournal(battery.out / "unfinished"),
        ).measures["ndcg@10"]  # fmt: skip
        span = by_leg.interval
        legs[leg] = {
            "ndcg@10": by_leg.score.value,
            "interval": [span.low, span.high] if span else None,
        }
    return report, {"legs": legs}


def main() -> None:
    options = _options()
    settings = Settings(data=options.out / "store", cache=options.out / "stores")
    vectors = CachedEmbedder(load_embedder(settings), options.out / "vectors.db")
    battery = Battery(options.data, options.out, settings, vectors, options.limit)
    for name in options.sets.split(",") if options.sets else SETS:
        kept = options.out / f"{name}.json"
        if not options.again and kept.exists():
            held = json.loads(kept.read_text())
            if (held["code"], held["limit"]) == (code_version(), options.limit):
                print(f"{name}: kept from an earlier run of this code", flush=True)
                continue
        row = measure(name, battery)
        kept.write_text(json.dumps(row, indent=1))
        print(f"{name}: {row['seconds']:.0f} s, {vectors.misses} vectors computed", flush=True)
    rows = {
        name: json.loads(f.read_text())
        for name in SETS
        if (f := options.out / f"{name}.json").exists()
    }
    write_tables(rows, options.docs or options.out / "quality.md")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("artifacts/public"))
    parser.add_argument("--sets", default="", help="some of the pieces, separated by commas")
    parser.add_argument("--limit", type=int, help="questions of each set; for a quick look")
    parser.add_argument("--again", action="store_true", help="also what is kept")
    parser.add_argument("--docs", type=Path, help="write the tables into this file, by its markers")
    return parser.parse_args()


if __name__ == "__main__":
    main()
