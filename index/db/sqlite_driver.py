"""Which SQLite: the newest of what Python was built with and what a wheel brings.

Builds before 3.51.3 have the WAL-reset bug (https://www.sqlite.org/wal.html#walresetbug). One
process must never open one database through two copies of the library, for closing a file in the
one drops the locks of the other (https://www.sqlite.org/howtocorrupt.html, 2.2): every module takes
it from here.
"""

import importlib
import re
import sqlite3
from functools import cache
from typing import Any

WAL_RESET_FIXED = (3, 51, 3)
"""Older builds can corrupt a WAL database that is reset while another connection reads."""

WHEEL = "pysqlite3.dbapi2"


@cache
def driver() -> Any:
    """Return the DB-API module to open SQLite databases with."""
    try:
        wheel = importlib.import_module(WHEEL)
    except ImportError:  # no wheel for this platform: Python's own, and a warning where it is old
        return sqlite3
    return max(sqlite3, wheel, key=lambda module: version_numbers(module.sqlite_version))


def version_numbers(version: str) -> tuple[int, ...]:
    """Return ``3.51.3`` as numbers that compare."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
