"""Fixtures that every package's tests may use.

Where a part of the machine is missing (PostgreSQL, a browser), a test that needs it calls
``missing``: under ``make test`` that is a failure, under a bare pytest a skip with its reason.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import pytest
import stamina
from hypothesis import settings
from sqlalchemy import make_url

from index.db.database import Database
from tests.fakes.database import migrate
from tests.postgres import find_binaries, fresh_database, running_server

if TYPE_CHECKING:
    from tests.fakes.store import Shelf

settings.register_profile("repeatable", derandomize=True, deadline=None)
if "FOOTNOTE_PROOF_SEED" not in os.environ:
    settings.load_profile("repeatable")

# Retries are made as often as they are set, and nobody waits between them.
stamina.set_testing(True, attempts=1000, cap=True)


LONG_FIRST = ("tests/proofs/", "tests/integration/", "tests/e2e/")
"""Files that take longest are handed out first, so that no process is left with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order within a file stays."""
    ranks = {folder: rank for rank, folder in enumerate(LONG_FIRST)}
    items.sort(
        key=lambda item: min(
            (rank for folder, rank in ranks.items() if item.nodeid.startswith(folder)),
            default=len(LONG_FIRST),
        )
    )


def pytest_collection_finish() -> None:
    """Take all that is imported out of garbage collection: it took a sixth of the suite's time."""
    gc.collect()
    gc.freeze()


def missing(part: str, remedy: str) -> NoReturn:
    """Fail under ``make test``, skip otherwise: nothing is left out in silence."""
    reason = f"{part} is not installed. {remedy}"
    if os.environ.get("FOOTNOTE_TEST_COMPLETE"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _umask_of_its_own() -> Iterator[None]:
    """Give each test the usual umask: a command that runs in this process sets a private one."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server's maintenance database: the one given, or a throwaway one."""
    given = os.environ.get("FOOTNOTE_TEST_POSTGRES")
    if given:
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        missing("PostgreSQL", "Run `make test`, or: apt-get install postgresql")
    with running_server(binaries) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """Name of a database with all tables, which tests' databases are copies of."""
    with fresh_database(postgres_server) as url:
        migrate(Database(url))
        yield str(make_url(url).database)


@pytest.fixture
def postgres_url(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """URL of a PostgreSQL store of this test alone, as new."""
    with fresh_database(postgres_server, migrated_postgres) as url:
        database = Database(url)
        database.create()  # gives the store secrets of its own
        database.engine.dispose()
        yield url


@pytest.fixture(scope="session")
def s3_environment() -> Iterator[dict[str, str]]:
    """Serve S3 on loopback for all tests: fsspec goes on with the address that it met first."""
    from tests.fakes.s3 import serving_s3

    with serving_s3() as environment:
        yield environment


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_shelf(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Shelf"]:
    """Open a store that a module's tests share, on each database."""
    from tests.fakes.store import Shelf

    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            names = ("postgres_server", "migrated_postgres")
            url = stack.enter_context(fresh_database(*map(request.getfixturevalue, names)))
        shelf = Shelf(tmp_path_factory.mktemp("store"), url=url)
        stack.callback(shelf.database.engine.dispose)
        yield shelf


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a PostgreSQL database of this test alone, without tables."""
    with fresh_database(postgres_server) as url:
        yield url
