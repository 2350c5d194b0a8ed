"""The throwaway PostgreSQL that other tests stand on."""

import pytest

from index.db.database import Database, head_value

pytestmark = pytest.mark.integration


def test_a_fresh_database_takes_the_tables_and_answers(empty_postgres_url):
    database = Database(empty_postgres_url)
    database.create()
    database.check()
    with database.read() as session:
        assert head_value(session, "changes") == 0
    database.engine.dispose()


def test_each_test_gets_a_database_of_its_own(empty_postgres_url):
    database = Database(empty_postgres_url)
    with database.engine.connect() as connection:
        assert database.engine.dialect.get_table_names(connection) == []
    database.engine.dispose()
