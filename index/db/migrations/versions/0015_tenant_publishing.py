"""Tenants may say themselves to whom their readers publish."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; tenants that are there go on as the installation says."""
    op.add_column("tenants", sa.Column("publishing", sa.String(8), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("tenants", "publishing")
