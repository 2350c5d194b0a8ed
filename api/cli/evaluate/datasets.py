"""``footnote evaluate dataset``: check, bring in and make data sets."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.command_group import command_group
from api.cli.evaluate.output import QuestionSet
from api.cli.local_store import local_actor, local_settings, open_local_library, open_local_store
from api.cli.options import (
    AsJson,
    DataFolder,
    Principals,
    make_folder,
    print_json,
    print_line,
    split_principals,
)
from api.errors import UsageError
from index.types import EVERYONE, Actor

if TYPE_CHECKING:
    from evaluate.authoring.generator import QuestionDraft
    from evaluate.datasets.importers import ImportedDataset
    from evaluate.datasets.schema import CorpusDocument
    from index.db.database import Database

FAULTY = 1
"""Exit code of a data set with errors."""

OutFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="folder to write")]

dataset = command_group("Check, bring in and make data sets.")


@dataset.command("check")
def check_command(
    source: QuestionSet,
    *,
    as_json: AsJson = False,
) -> int:
    """List the errors of a question set by line; exit 1 if there is one."""
    from evaluate.authoring.validation import check_questions

    problems = check_questions(source)
    errors = sum(problem.grade == "error" for problem in problems)
    if as_json:
        rows = [
            {"grade": p.grade, "file": p.file, "line": p.line, "message": p.message}
            for p in problems
        ]
        print_json({"errors": errors, "findings": rows})
    else:
        for problem in problems:
            print_line(str(problem))
        print_line(f"{errors} errors, {len(problems) - errors} warnings")
    return FAULTY if errors else 0


@dataset.command("import")
def import_command(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="the file to read")],
    *,
    source_format: Annotated[
        Literal["squad", "hotpot", "ragas", "csv"],
        typer.Option("--format", help="the file's format"),
    ],
    out: OutFolder,
    as_json: AsJson = False,
) -> int:
    """Turn a file of a common format into a question set."""
    from evaluate.datasets.importers import import_dataset

    make_folder(out)
    return _write_dataset(import_dataset(source, source_format), out, as_json=as_json)


@dataset.command("generate")
def generate_command(
    *,
    out: OutFolder,
    per_document: Annotated[
        int, typer.Option(metavar="N", help="questions about each document")
    ] = 4,
    seed: Annotated[int, typer.Option(metavar="N", help="seed of the draw")] = 20,
    ask_as: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRINCIPALS",
            help="ask every question also as an asker with these principals, separated by "
            "commas; repeat for more askers",
        ),
    ] = None,
    with_model: Annotated[
        bool, typer.Option("--with-model", help="let the configured model write questions too")
    ] = False,
    data: DataFolder = None,
    principals: Principals,
    as_json: AsJson = False,
) -> int:
    """Make a question set from the documents that you may read."""
    from api.evaluations.store_datasets import readable_corpus
    from evaluate.authoring.generator import generate_questions

    make_folder(out)
    with open_local_library(data) as library:
        actor = local_actor(library.database, principals)
        corpus = readable_corpus(library, actor)
        askers = _askers(library.database, actor, ask_as or [], is_named=bool(principals))
    if not corpus:
        raise UsageError("There is no document that this asker may read; name another with --as.")
    drafts = _drafts_of_model(data, corpus, per_document) if with_model else []
    questions = generate_questions(
        corpus, askers, per_document=per_document, seed=seed, extra_drafts=drafts
    )
    return _write_dataset(questions, out, as_json=as_json)


def _drafts_of_model(
    data: Path | None, corpus: "Sequence[CorpusDocument]", per_document: int
) -> "list[QuestionDraft]":
    """Return the questions that the configured model writes about a corpus.

    Raises:
        UsageError: no model is configured.

    """
    from api.composition.llm import load_language_models, load_registry
    from evaluate.authoring.llm_generator import written_drafts

    settings = local_settings(data)
    model = load_language_models(settings, load_registry(settings)).chain
    if model is None:
        raise UsageError("No model is configured; set FOOTNOTE_MODEL_URL.")
    return list(written_drafts(corpus, model, per_document=per_document))


def _askers(
    database: "Database", actor: Actor, ask_as: Sequence[str], *, is_named: bool
) -> list[list[str]]:
    """Return each asker's principals: the one that all ``--as`` name together, and the others."""
    from api.auth.api_keys import resolve_scope

    own = [actor.scope] if is_named or not ask_as else []
    with database.read() as session:
        others = [
            resolve_scope(session, actor.scope.tenant, split_principals([names]))
            for names in ask_as
        ]
    return [sorted(scope.principals - {EVERYONE}) for scope in dict.fromkeys([*own, *others])]


@dataset.command("feedback")
def feedback_command(
    *,
    out: OutFolder,
    data: DataFolder = None,
    principals: Principals,
    as_json: AsJson = False,
) -> int:
    """Turn one's own feedback into a question set over the readable documents."""
    from api.evaluations.store_datasets import feedback_samples, readable_corpus
    from evaluate.datasets.importers import ImportedDataset

    make_folder(out)
    with open_local_library(data) as library:
        actor = local_actor(library.database, principals)
        samples, left_out = feedback_samples(library.database, actor)
        if not samples:
            raise UsageError(f"There is no good answer to learn from; {left_out} were left out.")
        questions = ImportedDataset(tuple(readable_corpus(library, actor)), tuple(samples))
    return _write_dataset(questions, out, as_json=as_json, left_out=left_out)


@dataset.command("reviews")
def reviews_command(
    *,
    out: OutFolder,
    data: DataFolder = None,
    principals: Principals,
    as_json: AsJson = False,
) -> int:
    """Turn decisions on held replies into labelled texts, for `footnote evaluate guard`."""
    from api.evaluations.store_datasets import review_samples
    from evaluate.datasets.importers import write_lines

    make_folder(out)
    with open_local_store(data) as store:
        samples = review_samples(store.database, local_actor(store.database, principals))
    if not samples:
        raise UsageError("No held reply was decided that this reviewer may see.")
    path = write_lines(out / "guard.jsonl", samples)
    attacks = sum(sample.label == "attack" for sample in samples)
    if as_json:
        print_json({"texts": len(samples), "attacks": attacks, "files": [str(path)]})
        return 0
    print_line(f"{len(samples)} texts, {attacks} of them denied")
    print_line(f"Wrote {path}")
    return 0


def _write_dataset(questions: "ImportedDataset", out: Path, *, as_json: bool, **extra: int) -> int:
    from evaluate.datasets.importers import write_dataset

    paths = write_dataset(questions, out)
    unanswerable = sum(not sample.answerable for sample in questions.samples)
    counts = {
        "documents": len(questions.corpus),
        "questions": len(questions.samples),
        "unanswerable": unanswerable,
        **extra,
    }
    if as_json:
        print_json({**counts, "files": [str(path) for path in paths]})
        return 0
    print_line(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    for path in paths:
        print_line(f"Wrote {path}")
    return 0
