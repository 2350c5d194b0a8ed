"""Opens what a command uses of a local data folder, for the length of a block."""

import logging
import os
import pwd
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import complain, load_settings, split_principals
from index.author import Author
from index.types import DEFAULT_TENANT, LOCAL_USER, Actor

if TYPE_CHECKING:
    from api.composition.ingestion import IngestionPipeline
    from api.composition.store import Store
    from api.settings import Settings
    from generate.dependencies import AnswerDependencies
    from index.db.database import Database
    from index.embedding.embedder import Embedder
    from index.library import Library
    from retrieve.retrieve import RetrievalDependencies


def local_settings(data: Path | None) -> "Settings":
    """Return the settings of a command that does its own work; its warnings go to stderr."""
    logging.basicConfig(level=logging.WARNING, format="footnote: %(message)s")
    return load_settings(data)


@contextmanager
def open_local_store(data: Path | None) -> Iterator["Store"]:
    """Open the database and the original files; no model is loaded."""
    from api.composition.store import open_store

    with open_store(local_settings(data)) as store:
        yield store


@contextmanager
def open_local_library(data: Path | None) -> Iterator["Library"]:
    """Open the index too, with the embedding model that the store uses."""
    with _open_with_model(local_settings(data)) as (library, _):
        yield library


@contextmanager
def open_local_retrieval(data: Path | None) -> Iterator["RetrievalDependencies"]:
    """Open what a search needs."""
    from api.composition.retrieval import build_retrieval, load_reranker

    settings = local_settings(data)
    with _open_with_model(settings) as (library, embedder):
        yield build_retrieval(library, embedder, load_reranker(settings))


@contextmanager
def open_local_answering(data: Path | None) -> Iterator["AnswerDependencies"]:
    """Open what an answer needs, with the models that the default tenant may use."""
    from api.composition.answering import answering_for, build_answering, load_answer_adapters
    from api.composition.llm import load_registry

    settings = local_settings(data)
    with _open_with_model(settings) as (library, embedder):
        adapters = load_answer_adapters(settings, load_registry(settings))
        answering = build_answering(settings, adapters, library, embedder)
        yield answering_for(answering, adapters.models, DEFAULT_TENANT)


@contextmanager
def open_local_ingestion(data: Path | None) -> Iterator["IngestionPipeline"]:
    """Open what reads documents in, and the library that they go to."""
    from api.composition.ingestion import open_ingestion

    with open_ingestion(local_settings(data)) as ingestion:
        yield ingestion


def operator(reason: str = "") -> Author:
    """Return who the audit log names for a command on a data folder: the account that runs it."""
    try:
        account = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # an account without a name, as in some containers
        account = str(os.geteuid())
    return Author("operator", f"os:{account}", reason)


def record_first(
    database: "Database",
    act: str,
    author: Author,
    subject: str = "",
    *,
    tenant: str = DEFAULT_TENANT,
    **details: Any,
) -> None:
    """Record what is about to be done to files: a decision whose work fails is recorded too."""
    from index.db.audit_chain import record_act

    with database.write(author) as session:
        record_act(session, tenant, act, subject, **details)


@contextmanager
def recorded(
    database: "Database", act: str, author: Author, subject: str = ""
) -> Iterator[dict[str, Any]]:
    """Record an operation at its end, with the details that the block adds; a failed one too.

    A log that cannot be written does not stop it: a damaged store must be verified, and one on a
    full disk be backed up. The operator is told.
    """
    from sqlalchemy.exc import SQLAlchemyError

    details: dict[str, Any] = {}
    try:
        yield details
    except BaseException as error:  # an interrupt is recorded, too
        details["failure"] = type(error).__name__
        raise
    finally:
        try:
            record_first(database, act, author, subject, **details)
        except (SQLAlchemyError, OSError) as error:
            complain(f"The audit log lacks this {act}: {error}")


def local_actor(
    database: "Database", principals: Sequence[str], tenant: str = DEFAULT_TENANT
) -> Actor:
    """Return who ``--as`` names, with the groups they are registered in.

    Raises:
        InvalidPrincipalError: a principal is malformed.

    """
    from api.auth.api_keys import resolve_scope

    names = split_principals(principals) or [LOCAL_USER]
    credential = operator().credential
    users = [name for name in names if name.startswith("user:")]
    with database.read() as session:
        scope = resolve_scope(session, tenant, names)
    return Actor(scope, (users or names)[0], "curator", credential)


@contextmanager
def _open_with_model(settings: "Settings") -> Iterator["tuple[Library, Embedder]"]:
    from api.composition.embedding_model import embedder_in_use
    from api.composition.store import open_library, open_store

    with open_store(settings) as store:
        embedder = embedder_in_use(settings, store.database)
        yield open_library(settings, store, embedder), embedder
