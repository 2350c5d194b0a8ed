"""66 questions about single cells of six uploaded files: the right row, a wrong one, or none.

    python -m benchmarks.file_cells

The files (``benchmarks/cell_files.py``) are uploaded and read as the service reads them: Markdown,
HTML, XLSX, CSV, DOCX and PDF. A wrong row is a quoted sentence that has not the asked cell, beside
or instead of the right one. "Leans on" counts the right rows that come with their header.
"""

import argparse
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from api.composition.ingestion import build_sandbox
from api.composition.llm import load_registry
from api.composition.pipelines import Pipelines, pipelines_builder
from api.composition.replacements import Replacements
from api.composition.store import open_store
from api.settings import Settings
from benchmarks.cell_files import CellQuestion, files, questions
from generate.answer import answer
from generate.types import Answer
from index.types import DEFAULT_TENANT, Actor, Scope
from ingest.upload import Upload, accept

KEEPER = Actor(Scope.of(DEFAULT_TENANT, ["user:cells"]), "user:cells", "curator")
LIMIT_BYTES = 10_000_000


def outcome(question: CellQuestion, reply: Answer) -> dict[str, bool]:
    """Return how the reply meets the question."""
    rows = [sentence.text for sentence in reply.sentences]
    are_right = [question.row in row and question.cell in row for row in rows]
    spans = [reply.text[h.start : h.end] for s in reply.sentences for h in s.highlights]
    return {
        "right row": any(are_right),
        "wrong row": not all(are_right),
        "no answer": not rows,
        "cell highlighted": question.cell in spans,
        "leans on": any(sentence.context for sentence in reply.sentences),
    }


def upload(pipelines: Pipelines) -> None:
    """Upload every file and wait until all are read."""
    for name, data in files().items():
        accept(pipelines.library, KEEPER, Upload(name, [data]), limit_bytes=LIMIT_BYTES)
    pipelines.ingestion.worker().run_until_idle()


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        settings = Settings(data=Path(name))
        store = stack.enter_context(open_store(settings))
        parser = stack.enter_context(build_sandbox(settings))
        registry = load_registry(settings)
        pipelines = pipelines_builder(settings, store, registry, parser, Replacements())()
        upload(pipelines)
        counts: Counter[str] = Counter()
        for question in questions():
            reply = answer(question.question, KEEPER.scope, pipelines.answering)
            met = outcome(question, reply)
            counts.update(met)
            counts["questions"] += 1
            if not met["right row"] or met["wrong row"]:
                print(f"{question.file}: {question.question} -> {reply.status} {reply.text!r}")
        print(dict(counts))


if __name__ == "__main__":
    main()
