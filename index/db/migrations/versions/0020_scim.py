"""People and groups that an identity provider manages by SCIM."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "scim_resources",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.String(1000), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=True),
        sa.Column("principal", sa.String(1200), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant", "kind", "name"),
        sa.UniqueConstraint("tenant", "principal"),
    )
    op.create_index(
        "scim_resources_by_external_id", "scim_resources", ["tenant", "kind", "external_id"]
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("scim_resources")
