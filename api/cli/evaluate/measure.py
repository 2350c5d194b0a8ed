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
    RunOutput,
    check_output,
    keep_and_print,
)
from api.cli.options import AsJson, DataFolder, open_container
from api.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.composition.container import Parts
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

    def run(container: "Parts") -> "Report":
        from evaluate.runners.retrieval import evaluate_retrieval
        from retrieve.config import RetrievalConfig
        from retrieve.retrievers import RETRIEVERS

        return evaluate_retrieval(
            source,
            container.corpus(),
            RetrievalConfig(),
            retriever=RETRIEVERS[retriever],
            reranker=container.reranker,
            limit=limit,
            journal=container.journal(),
        )

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


@measure.command("answers")
def answers_command(
    source: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="a folder with corpus.jsonl and questions.jsonl"),
    ],
    *,
    limit: Limit = None,
    out: OutFolder = None,
    baseline: Baseline = None,
    junit: JUnit = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> int:
    """Measure answers, citations and abstentions on a question set."""

    def run(container: "Parts") -> "Report":
        from evaluate.runners.answers import evaluate_answers

        return evaluate_answers(
            source,
            container.corpus(),
            container.answering_over,
            judge=container.verifier,
            limit=limit,
            journal=container.journal(),
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

    def run(container: "Parts") -> "Report":
        from evaluate.runners.verifier import evaluate_verifier

        return evaluate_verifier(source, container.verifier, limit=limit)

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

    def run(container: "Parts") -> "Report":
        from evaluate.runners.guardrails import evaluate_guard

        return evaluate_guard(source, container.policy.rules, limit=limit)

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

    def run(container: "Parts") -> "Report":
        from evaluate.runners.answers import evaluate_outputs
        from evaluate.scoring.judging import Judges

        judges = Judges(container.verifier, container.embedder)
        models = container.registry.models
        prices = {spec.name: spec.price for spec in models if "price" in spec.model_fields_set}
        return evaluate_outputs(source, outputs, judges, limit=limit, prices=prices)

    return _measure(source, data, run, RunOutput(out, baseline, junit, as_json))


def _measure(
    source: Path, data: Path | None, run: "Callable[[Parts], Report]", output: RunOutput
) -> int:
    """Measure, keep the run, write the reports, print the figures."""
    if not source.exists():
        raise UsageError(f"{source} does not exist.")
    container = open_container(data)
    check_output(container.runs_folder, output)
    return keep_and_print(container.runs_folder, output, run(container))
