"""Who may read a file that comes in parts, and the digests of its parts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; no release has put a row into these tables."""
    for name in ("allow", "deny"):
        column = sa.Column(name, sa.JSON(), nullable=False, server_default="[]")
        op.add_column("partial_files", column)
    op.add_column(
        "file_parts", sa.Column("sha256", sa.String(64), nullable=False, server_default="")
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("file_parts", "sha256")
    for name in ("deny", "allow"):
        op.drop_column("partial_files", name)
