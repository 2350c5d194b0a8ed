"""``footnote admin model``: which embedding model a store uses, and how it moves to another."""

import sys
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, open_local_library, open_local_store, operator
from api.cli.options import AsJson, DataFolder, print_json, print_line

Source = Annotated[
    str, typer.Argument(metavar="MODEL", help="bundled, a model's folder, or a server's URL")
]

model = command_group("The embedding model of the store.")


@model.command("list")
def list_command(*, data: DataFolder = None, as_json: AsJson = False) -> int:
    """List each model that has vectors here, and say which one is in use."""
    from ingest.lifecycle.reembedding import models

    with open_local_store(data) as store:
        rows = [
            {"model": name, "vectors": count, "in_use": is_active}
            for name, (count, is_active) in models(store.database).items()
        ]
    if as_json:
        print_json({"models": rows})
        return 0
    for row in rows:
        print_line(f"{'*' if row['in_use'] else ' '} {row['model']}  {row['vectors']} vectors")
    return 0


@model.command("embed")
def embed_command(source: Source, *, data: DataFolder = None, as_json: AsJson = False) -> int:
    """Embed every chunk with another model; searches do not change yet.

    It may be stopped and run again: chunks that have a vector of the model are skipped.
    """
    from api.composition.embedding_model import load_embedder
    from ingest.lifecycle.reembedding import reembed

    embedder = load_embedder(local_settings(data), source)
    with open_local_library(data) as library:
        count = reembed(library, embedder, progress=_show_progress)
    if as_json:
        print_json({"model": embedder.name, "embedded": count})
    else:
        print_line(f"{embedder.name}: {count} chunks embedded.")
    return 0


@model.command("use")
def use_command(source: Source, *, data: DataFolder = None, as_json: AsJson = False) -> int:
    """Embed what is missing, build the index, and switch to a model.

    Running services follow within a second or two.
    """
    from api.composition.embedding_model import load_embedder
    from index.embedding.active_model import record_source
    from ingest.lifecycle.reembedding import use_model

    embedder = load_embedder(local_settings(data), source)
    with open_local_store(data) as store, store.database.write() as session:
        record_source(session, embedder.name, source)
    with open_local_library(data) as library:
        use_model(library, embedder, progress=_show_progress, author=operator())
    if as_json:
        print_json({"model": embedder.name, "in_use": True})
    else:
        print_line(f"{embedder.name} is in use.")
    return 0


def _show_progress(count: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{count} of {total} chunks")
        sys.stderr.write("\n" if count == total else "")
