"""The access list that a source gave, and the one that a version on its way brings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both; nothing that is stored has one."""
    op.add_column("documents", sa.Column("source_class", sa.BigInteger(), nullable=True))
    op.add_column("versions", sa.Column("class_key", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("versions", "class_key")
    op.drop_column("documents", "source_class")
