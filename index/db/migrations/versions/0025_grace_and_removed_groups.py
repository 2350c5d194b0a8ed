"""Who suspended a person, which groups were removed, which secret of a webhook signs too."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("people", sa.Column("suspended_by", sa.String(16), nullable=True))
    op.add_column("webhooks", sa.Column("former_secret", sa.String(80), nullable=True))
    op.add_column(
        "webhooks", sa.Column("former_secret_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "removed_groups",
        sa.Column("tenant", sa.String(64), sa.ForeignKey("tenants.id"), nullable=False),
        sa.Column("principal", sa.String(1200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "principal"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("removed_groups")
    op.drop_column("webhooks", "former_secret_until")
    op.drop_column("webhooks", "former_secret")
    op.drop_column("people", "suspended_by")
