"""Chunks are found by the hash of what was embedded."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CHUNKS = sa.table(
    "chunks",
    sa.column("key", sa.BigInteger()),
    sa.column("context", sa.Text()),
    sa.column("text", sa.Text()),
    sa.column("digest", sa.LargeBinary(32)),
)


def upgrade() -> None:
    """Add the column, and fill it for the chunks that are there."""
    op.add_column("chunks", sa.Column("digest", sa.LargeBinary(32), nullable=True))
    store, after = op.get_bind(), 0
    write = (
        sa.update(CHUNKS)
        .where(CHUNKS.c.key == sa.bindparam("at"))
        .values(digest=sa.bindparam("hash"))
    )
    statement = (
        sa.select(CHUNKS.c.key, CHUNKS.c.context, CHUNKS.c.text).order_by(CHUNKS.c.key).limit(1000)
    )
    while rows := store.execute(statement.where(CHUNKS.c.key > after)).all():
        values = [{"at": row.key, "hash": _digest(row.context, row.text)} for row in rows]
        store.execute(write, values)
        after = rows[-1].key
    op.create_index("chunks_by_digest", "chunks", ["digest"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("chunks_by_digest", "chunks")
    op.drop_column("chunks", "digest")


def _digest(context: str, text: str) -> bytes:
    embedded_text = f"{context}\n{text}" if context else text
    return hashlib.sha256(embedded_text.encode("utf-8", "surrogatepass")).digest()
