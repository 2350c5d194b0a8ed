"""Which SQLite a store is opened with."""

import sqlite3
from importlib.util import find_spec

from sqlalchemy import text

from index.db.database import Database
from index.db.sqlite_driver import WAL_RESET_FIXED, driver, version_numbers


def test_the_newest_sqlite_is_taken_and_the_store_is_opened_with_it(tmp_path):
    assert version_numbers(driver().sqlite_version) >= version_numbers(sqlite3.sqlite_version)
    database = Database.in_folder(tmp_path)
    with database.engine.connect() as connection:
        assert connection.scalar(text("select sqlite_version()")) == driver().sqlite_version
    fixed = version_numbers(driver().sqlite_version) >= WAL_RESET_FIXED
    assert bool(database.warnings()) != fixed
    database.engine.dispose()


def test_where_the_wheel_is_installed_nothing_is_left_to_warn_of(tmp_path):
    if find_spec("pysqlite3") is not None:
        assert version_numbers(driver().sqlite_version) >= WAL_RESET_FIXED


def test_versions_compare_as_numbers():
    assert version_numbers("3.9.1") < version_numbers("3.40.1") < version_numbers("3.51.3")
