"""``footnote evaluate retrieval``, ``answers``, ``verifier``, ``guard`` and ``outputs``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.command_group import command_group
from api.cli.evaluate.output import (
    Baseline,
    JUnit,
    Limit,
    OutFolder,
    QuestionSet,
    RunOutput,
    check_output,
    keep_and_print,
)
from api.cli.local_store import local_settings
from api.cli.options import AsJson, DataFolder
from api.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.settings import Settings
    from evaluate.scoring.results import Report

measure = command_group()


@measure.command("retrieval")
def retrieval_command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="a BEIR folder (corpus.jsonl, queries.jsonl, qrels/) or answers' DIR",
        ),
    ],
    *,
    retriever: Annotated[
        Literal["dense", "bm25", "rrf", "hybrid"],
        typer.Option(help="vectors, words, both by reciprocal ranks, or what the service uses"),
    ] = "hybrid",
    limit: Limit = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure whether retrieval finds what people judged relevant, on a BEIR folder."""

    def run(settings: "Settings") -> "Report":
        from api.composition.embedding_model import load_embedder
        from api.composition.evaluation import EvaluationFolders, build_corpus
        from api.composition.retrieval import load_reranker
        from evaluate.runners.retrieval import evaluate_retrieval
        from retrieve.config import RetrievalConfig
        from retrieve.retrievers import RETRIEVERS

        folders = EvaluationFolders.of(settings)
        return evaluate_retrieval(
            source,
            build_corpus(folders, load_embedder(settings)),
            RetrievalConfig(),
            retriever=RETRIEVERS[retriever],
            reranker=load_reranker(settings),
            limit=limit,
            journal=folders.journal(),
        )

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


@measure.command("answers")
def answers_command(
    source: QuestionSet,
    *,
    limit: Limit = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure answers, citations and abstentions on a question set."""

    def run(settings: "Settings") -> "Report":
        from api.composition.answering import build_verifier
        from api.composition.embedding_model import load_embedder
        from api.composition.evaluation import EvaluationFolders, answering_builder, build_corpus
        from evaluate.runners.answers import evaluate_answers

        folders, embedder = EvaluationFolders.of(settings), load_embedder(settings)
        return evaluate_answers(
            source,
            build_corpus(folders, embedder),
            answering_builder(settings, embedder),
            judge=build_verifier(settings, embedder),
            limit=limit,
            journal=folders.journal(),
        )

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


@measure.command("verifier")
def verifier_command(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="JSONL of claim, evidence, label")],
    *,
    limit: Limit = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure the verifier's verdicts on labelled claims."""

    def run(settings: "Settings") -> "Report":
        from api.composition.answering import build_verifier
        from api.composition.embedding_model import load_embedder
        from evaluate.runners.verifier import evaluate_verifier

        verifier = build_verifier(settings, load_embedder(settings))
        return evaluate_verifier(source, verifier, limit=limit)

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


@measure.command("guard")
def guard_command(
    source: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSONL of text, label (attack or benign), stage, set"),
    ],
    *,
    limit: Limit = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure the guardrails' policy on labelled texts."""

    def run(settings: "Settings") -> "Report":
        from api.composition.llm import load_policy
        from evaluate.runners.guardrails import evaluate_guard

        return evaluate_guard(source, load_policy(settings).rules, limit=limit)

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


@measure.command("outputs")
def outputs_command(
    source: Annotated[Path, typer.Argument(metavar="DIR", help="the question set that was asked")],
    *,
    outputs: Annotated[Path, typer.Option(metavar="FILE", help="one answer a line")],
    limit: Limit = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure answers of any system, recorded as JSONL, on a question set."""

    def run(settings: "Settings") -> "Report":
        from api.composition.answering import build_verifier
        from api.composition.embedding_model import load_embedder
        from api.composition.llm import load_registry
        from evaluate.runners.answers import evaluate_outputs
        from evaluate.scoring.judging import Judges

        embedder = load_embedder(settings)
        judges = Judges(build_verifier(settings, embedder), embedder)
        models = load_registry(settings).models
        prices = {spec.name: spec.price for spec in models if "price" in spec.model_fields_set}
        return evaluate_outputs(source, outputs, judges, limit=limit, prices=prices)

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


def _measure(
    source: Path, data: Path | None, run: "Callable[[Settings], Report]", output: RunOutput
) -> int:
    """Measure, keep the run, write the reports, print the figures."""
    if not source.exists():
        raise UsageError(f"{source} does not exist.")
    from api.composition.evaluation import EvaluationFolders

    settings = local_settings(data)
    runs = EvaluationFolders.of(settings).runs
    check_output(runs, output)
    return keep_and_print(runs, output, run(settings))
