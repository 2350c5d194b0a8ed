"""Chunks are found by the hash of what was embedded."""

import sqlalchemy as sa
from alembic import op

from index.db.backfills import DIGESTS, note_pending

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the hashes of the chunks that are there come afterwards."""
    op.add_column("chunks", sa.Column("digest", sa.LargeBinary(32), nullable=True))
    op.create_index("chunks_by_digest", "chunks", ["digest"])
    note_pending(op.get_bind(), DIGESTS, "chunks")


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("chunks_by_digest", "chunks")
    op.drop_column("chunks", "digest")
