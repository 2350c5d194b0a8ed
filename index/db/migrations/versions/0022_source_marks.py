"""The mark that a source gives to a document's bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("documents", sa.Column("source_mark", sa.String(length=200), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("documents", "source_mark")
