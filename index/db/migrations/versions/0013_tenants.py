"""Tenants with a name, a state, quotas, and the receipt of a deletion."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

QUOTAS = ("document_quota", "job_quota", "ask_quota", "evaluation_quota")
"""``disk_quota`` is there since the first tables."""


def upgrade() -> None:
    """Add the columns; tenants that are there are active and have no new quotas."""
    for quota in QUOTAS:
        op.add_column("tenants", sa.Column(quota, sa.BigInteger(), nullable=True))
    name = sa.Column("name", sa.String(200), nullable=False, server_default="")
    state = sa.Column("state", sa.String(12), nullable=False, server_default="active")
    op.add_column("tenants", name)
    op.add_column("tenants", state)
    op.add_column("tenants", sa.Column("deletion", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take them away again."""
    for name in (*QUOTAS, "name", "state", "deletion"):
        op.drop_column("tenants", name)
