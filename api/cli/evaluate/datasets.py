"""``footnote evaluate dataset``: check, bring in and make data sets."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import (
    asker_options,
    data_options,
    json_option,
    local_actor,
    make_folder,
    parts_of,
    print_json,
    print_line,
    split_principals,
)
from api.errors import UsageError
from index.types import EVERYONE, Actor

if TYPE_CHECKING:
    from api.composition.container import Parts
    from evaluate.datasets.importers import Imported

FAULTY = 1
"""Exit code of a data set with errors."""
_FORMATS = ("squad", "hotpot", "ragas", "csv")


def add_commands(kinds: Any) -> None:
    """Add the commands to the parser."""
    dataset = kinds.add_parser("dataset", help="check, bring in and make data sets")
    actions = dataset.add_subparsers(metavar="ACTION", required=True)
    check = actions.add_parser(
        "check", parents=[json_option()], help="list what is wrong with a question set, by line"
    )
    check.add_argument("source", type=Path, metavar="DIR")
    check.set_defaults(run=run_check)
    bring = actions.add_parser(
        "import", parents=[json_option()], help="turn a file of a common format into a question set"
    )
    bring.add_argument("source", type=Path, metavar="FILE")
    bring.add_argument("--format", choices=_FORMATS, required=True, help="what the file is")
    bring.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to write")
    bring.set_defaults(run=run_import)
    shared = [data_options(), json_option(), asker_options()]
    make = actions.add_parser(
        "generate", parents=shared, help="make a question set from the documents one may read"
    )
    make.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to write")
    make.add_argument("--per-document", type=int, default=4, metavar="N", help="questions of each")
    make.add_argument("--seed", type=int, default=20, metavar="N", help="of the draw")
    make.add_argument(
        "--ask-as",
        action="append",
        default=[],
        metavar="PRINCIPALS",
        help="ask every question as this asker too, who holds these, separated by commas; "
        "repeat for more askers",
    )
    make.add_argument(
        "--with-model", action="store_true", help="let the configured model write questions too"
    )
    make.set_defaults(run=run_generate)
    said = actions.add_parser(
        "feedback", parents=shared, help="turn one's own feedback into a question set"
    )
    said.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to write")
    said.set_defaults(run=run_feedback)
    decided = actions.add_parser(
        "reviews", parents=shared, help="turn decisions on held replies into texts for the policy"
    )
    decided.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder to write")
    decided.set_defaults(run=run_reviews)


def run_check(options: argparse.Namespace) -> int:
    """Print every finding; exit 1 if one is an error."""
    from evaluate.authoring.validation import check_questions

    findings = check_questions(options.source)
    errors = sum(finding.grade == "error" for finding in findings)
    if options.json:
        told = [{"grade": f.grade, "file": f.file, "line": f.line, "message": f.message}
                for f in findings]  # fmt: skip
        print_json({"errors": errors, "findings": told})
    else:
        for finding in findings:
            print_line(str(finding))
        print_line(f"{errors} errors, {len(findings) - errors} warnings")
    return FAULTY if errors else 0


def run_import(options: argparse.Namespace) -> int:
    """Read a file and write the folder."""
    from evaluate.datasets.importers import import_dataset

    make_folder(options.out)
    return _written(options, import_dataset(options.source, options.format))


def run_generate(options: argparse.Namespace) -> int:
    """Make questions from the readable documents and write the folder."""
    from api.evaluations.store_datasets import readable_corpus
    from evaluate.authoring.generator import generate_questions
    from evaluate.authoring.llm_generator import written_drafts

    make_folder(options.out)
    parts = parts_of(options)
    actor = local_actor(options, parts)
    corpus = readable_corpus(parts.library, actor)
    if not corpus:
        raise UsageError("There is no document that this asker may read; name another with --as.")
    written = []
    if options.with_model:
        if parts.model is None:
            raise UsageError("No model is configured; set FOOTNOTE_MODEL_URL.")
        written = list(written_drafts(corpus, parts.model, per_document=options.per_document))
    made = generate_questions(
        corpus,
        _askers(options, actor, parts),
        per_document=options.per_document,
        seed=options.seed,
        written=written,
    )
    return _written(options, made)


def _askers(options: argparse.Namespace, actor: Actor, parts: "Parts") -> list[list[str]]:
    """Return what each asker holds: the one that every ``--as`` together names, and the others."""
    from api.auth.api_keys import resolve_scope

    own = [actor.scope] if options.principals or not options.ask_as else []
    with parts.database.read() as session:
        others = [
            resolve_scope(session, actor.scope.tenant, split_principals([each]))
            for each in options.ask_as
        ]
    return [sorted(scope.principals - {EVERYONE}) for scope in dict.fromkeys([*own, *others])]


def run_feedback(options: argparse.Namespace) -> int:
    """Turn feedback into questions over the readable documents and write the folder."""
    from api.evaluations.store_datasets import feedback_samples, readable_corpus
    from evaluate.datasets.importers import Imported

    make_folder(options.out)
    parts = parts_of(options)
    actor = local_actor(options, parts)
    samples, left_out = feedback_samples(parts.database, actor)
    if not samples:
        raise UsageError(f"There is no good answer to learn from; {left_out} were left out.")
    made = Imported(tuple(readable_corpus(parts.library, actor)), tuple(samples))
    return _written(options, made, left_out=left_out)


def run_reviews(options: argparse.Namespace) -> int:
    """Turn decisions into labelled texts, which `footnote evaluate guard` measures a policy on."""
    from api.evaluations.store_datasets import review_samples
    from evaluate.datasets.importers import write_lines

    make_folder(options.out)
    parts = parts_of(options)
    samples = review_samples(parts.database, local_actor(options, parts))
    if not samples:
        raise UsageError("No held reply was decided that this reviewer may see.")
    path = write_lines(options.out / "guard.jsonl", samples)
    attacks = sum(sample.label == "attack" for sample in samples)
    counts = {"texts": len(samples), "attacks": attacks}
    if options.json:
        print_json({**counts, "files": [str(path)]})
        return 0
    print_line(f"{len(samples)} texts, {attacks} of them denied")
    print_line(f"Wrote {path}")
    return 0


def _written(options: argparse.Namespace, made: "Imported", **counts: int) -> int:
    from evaluate.datasets.importers import write_dataset

    paths = write_dataset(made, options.out)
    unanswerable = sum(not sample.answerable for sample in made.samples)
    told = {
        "documents": len(made.corpus),
        "questions": len(made.samples),
        "unanswerable": unanswerable,
        **counts,
    }
    if options.json:
        print_json({**told, "files": [str(path) for path in paths]})
        return 0
    print_line(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in told.items()))
    for path in paths:
        print_line(f"Wrote {path}")
    return 0
