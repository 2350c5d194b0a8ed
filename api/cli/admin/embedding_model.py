"""``footnote admin model``: which embedding model a store uses, and how it moves to another."""

import argparse
import sys
from typing import Any

from api.cli.options import data_options, json_option, parts_of, print_json, print_line


def add_commands(nouns: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), json_option()]
    model = nouns.add_parser("model", help="the embedding model of the store")
    verbs = model.add_subparsers(metavar="VERB", required=True)
    listed = verbs.add_parser("list", parents=parents, help="list the models with vectors here")
    listed.set_defaults(run=list_models_command)
    for verb, run, text in (
        ("embed", embed_command, "embed every chunk with another model; nothing changes yet"),
        ("use", use_command, "embed what is missing, build the index, and switch to a model"),
    ):
        parser = verbs.add_parser(verb, parents=parents, help=text)
        parser.add_argument("source", metavar="MODEL", help="bundled, or a model's folder")
        parser.set_defaults(run=run)


def list_models_command(options: argparse.Namespace) -> int:
    """Print each model, its vectors, and whether it is in use."""
    from ingest.lifecycle.reembedding import models

    found = [
        {"model": name, "vectors": count, "in_use": used}
        for name, (count, used) in models(parts_of(options).database).items()
    ]
    if options.json:
        print_json({"models": found})
        return 0
    for one in found:
        print_line(f"{'*' if one['in_use'] else ' '} {one['model']}  {one['vectors']} vectors")
    return 0


def embed_command(options: argparse.Namespace) -> int:
    """Embed every chunk that lacks a vector of the model; it may be stopped and run again."""
    from ingest.lifecycle.reembedding import reembed

    parts = parts_of(options)
    embedder = parts.embedder_from(options.source)
    done = reembed(parts.library, embedder, progress=_show)
    if options.json:
        print_json({"model": embedder.name, "embedded": done})
    else:
        print_line(f"{embedder.name}: {done} chunks embedded.")
    return 0


def use_command(options: argparse.Namespace) -> int:
    """Switch the store; running services follow within a second or two."""
    from index.embedding.active_model import record_source
    from ingest.lifecycle.reembedding import use_model

    parts = parts_of(options)
    embedder = parts.embedder_from(options.source)
    with parts.database.write() as session:
        record_source(session, embedder.name, options.source)
    use_model(parts.library, embedder, progress=_show)
    if options.json:
        print_json({"model": embedder.name, "in_use": True})
    else:
        print_line(f"{embedder.name} is in use.")
    return 0


def _show(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {total} chunks")
        sys.stderr.write("\n" if done == total else "")
