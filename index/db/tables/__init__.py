"""The tables, a file for each group of them; import a table from the file that declares it.

All of them are imported here, so that the schema is whole wherever one is used.
"""

from index.db.tables import (
    access,
    audit,
    collections,
    documents,
    evaluations,
    jobs,
    openai_files,
    people,
    questions,
    reviews,
    store,
    webhooks,
)
from index.db.tables.base import Base

__all__ = [
    "Base", "access", "audit", "collections", "documents", "evaluations", "jobs", "openai_files",
    "people", "questions", "reviews", "store", "webhooks",
]  # fmt: skip
