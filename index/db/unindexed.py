"""A column that SQLite is not to begin a search at; PostgreSQL chooses by what it has counted."""

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Unindexed(FunctionElement[str]):
    """The column itself, in PostgreSQL; ``+column`` in SQLite, which has no index on that.

    Without counts of its rows SQLite takes the index on a tenant, which holds every document of it,
    before the one that finds a single document.
    """

    inherit_cache = True
    name = "unindexed"
    type = String()

    def __init__(self, column: Any) -> None:
        super().__init__(column)

    @property
    def column(self) -> ColumnElement[Any]:
        """The column that is wrapped."""
        return next(iter(self.clauses))


@compiles(Unindexed)
def _plain(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.column, **options)


@compiles(Unindexed, "sqlite")
def _without_index(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.column, **options)}"
