"""``footnote admin model``: which embedding model a store uses, and how it moves to another."""

import sys
from typing import Annotated

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_settings, open_local_library, recorded
from api.cli.option_sets import LocalActOptions, LocalOptions, takes_options

Source = Annotated[
    str, typer.Argument(metavar="MODEL", help="bundled, a model's folder, or a server's URL")
]

model = command_group("The embedding model of the store.")


@model.command("list")
@takes_options
def list_command(*, options: LocalOptions) -> int:
    """List each model that has vectors here, and say which one is in use."""
    from ingest.lifecycle.reembedding import models

    with options.open_store() as store:
        rows = [
            {"model": name, "vectors": count, "in_use": is_active}
            for name, (count, is_active) in models(store.database).items()
        ]
    lines = (
        f"{'*' if row['in_use'] else ' '} {row['model']}  {row['vectors']} vectors" for row in rows
    )
    return options.print({"models": rows}, *lines)


@model.command("embed")
@takes_options
def embed_command(source: Source, *, options: LocalActOptions) -> int:
    """Embed every chunk with another model; searches do not change yet.

    It may be stopped and run again: chunks that have a vector of the model are skipped.
    """
    from api.composition.embedding_model import load_embedder
    from ingest.lifecycle.reembedding import reembed

    embedder = load_embedder(local_settings(options.data), source)
    with open_local_library(options.data) as library:
        author = options.author
        with recorded(library.database, "model-embed", author, embedder.name) as details:
            count = details["chunks"] = reembed(library, embedder, progress=_show_progress)
    outcome = {"model": embedder.name, "embedded": count}
    return options.print(outcome, f"{embedder.name}: {count} chunks embedded.")


@model.command("use")
@takes_options
def use_command(source: Source, *, options: LocalActOptions) -> int:
    """Embed what is missing, build the index, and switch to a model.

    Running services follow within a second or two.
    """
    from api.composition.embedding_model import load_embedder
    from index.embedding.active_model import record_source
    from ingest.lifecycle.reembedding import use_model

    embedder = load_embedder(local_settings(options.data), source)
    with options.open_store() as store, store.database.write() as session:
        record_source(session, embedder.name, source)
    with open_local_library(options.data) as library:
        use_model(library, embedder, progress=_show_progress, author=options.author)
    outcome = {"model": embedder.name, "in_use": True}
    return options.print(outcome, f"{embedder.name} is in use.")


def _show_progress(count: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{count} of {total} chunks")
        sys.stderr.write("\n" if count == total else "")
