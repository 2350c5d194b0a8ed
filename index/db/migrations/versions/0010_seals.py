"""Rows that answers are made of carry a seal, and texts a digest: a flipped bit is noticed."""

import sqlalchemy as sa
from alembic import op

from index.db.backfills import SEALS, note_pending

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SEALED = ("documents", "versions", "chunks", "vectors")


def upgrade() -> None:
    """Add the columns; what is there is sealed afterwards, as it is then."""
    for table in SEALED:
        op.add_column(table, sa.Column("seal", sa.LargeBinary(16), nullable=True))
    op.add_column("versions", sa.Column("text_digest", sa.LargeBinary(32), nullable=True))
    note_pending(op.get_bind(), SEALS, "documents")


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("versions", "text_digest")
    for table in SEALED:
        op.drop_column(table, "seal")
