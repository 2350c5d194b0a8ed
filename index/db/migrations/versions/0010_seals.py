"""Rows that answers are made of carry a seal, and texts a digest: a flipped bit is noticed."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 500

SEALED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "documents": (
        ("key",),
        (
            "id", "tenant", "owner", "class_key", "filename", "title", "title_given", "attributes",
            "version", "latest_version",
        ),
    ),
    "versions": (
        ("key",),
        (
            "document_key", "number", "blob", "sha256", "size", "filename", "media_type",
            "text_digest", "pages",
        ),
    ),
    "chunks": (
        ("key",),
        (
            "id", "document_key", "version_key", "ordinal", "start", "end", "page", "headings",
            "digest",
        ),
    ),
    "vectors": (("chunk_key", "model"), ("chunk_key", "model", "data")),
}  # fmt: skip
"""Each table's primary key, and the columns under its seal in their order."""

KINDS: dict[str, Any] = {
    "attributes": sa.JSON(), "headings": sa.JSON(), "title_given": sa.Boolean(),
}  # fmt: skip


def upgrade() -> None:
    """Add the columns, and seal what is there as it is now."""
    for table in SEALED:
        op.add_column(table, sa.Column("seal", sa.LargeBinary(16), nullable=True))
    op.add_column("versions", sa.Column("text_digest", sa.LargeBinary(32), nullable=True))
    _digest_texts()
    for table, (key, columns) in SEALED.items():
        _seal(table, key, columns)


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("versions", "text_digest")
    for table in SEALED:
        op.drop_column(table, "seal")


def _digest_texts() -> None:
    store = op.get_bind()
    versions = _table("versions", ("key", "text", "text_digest"))
    for key in store.execute(sa.select(versions.c.key)).scalars().all():
        text = store.execute(sa.select(versions.c.text).where(versions.c.key == key)).scalar()
        if text is not None:
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
            store.execute(versions.update().where(versions.c.key == key).values(text_digest=digest))


def _seal(name: str, key: Sequence[str], columns: Sequence[str]) -> None:
    store, after = op.get_bind(), None
    table = _table(name, (*dict.fromkeys((*key, *columns)), "seal"))
    keys = [table.c[column] for column in key]
    statement = sa.select(*keys, *[table.c[column] for column in columns]).order_by(*keys)
    write = table.update().values(seal=sa.bindparam("of_row"))
    for column in key:
        write = write.where(table.c[column] == sa.bindparam(f"at_{column}"))
    while True:
        page = statement if after is None else statement.where(sa.tuple_(*keys) > sa.tuple_(*after))
        rows = store.execute(page.limit(BATCH)).all()
        if not rows:
            return
        store.execute(write, [_values(row, key) for row in rows])
        after = [sa.literal(value) for value in rows[-1][: len(key)]]


def _values(row: sa.Row[Any], key: Sequence[str]) -> dict[str, Any]:
    fields = [value.hex() if isinstance(value, bytes) else value for value in row[len(key) :]]
    seal = hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).digest()[:16]
    return {**{f"at_{column}": row[at] for at, column in enumerate(key)}, "of_row": seal}


def _table(name: str, columns: Sequence[str]) -> sa.TableClause:
    return sa.table(name, *[sa.column(column, KINDS.get(column)) for column in columns])
