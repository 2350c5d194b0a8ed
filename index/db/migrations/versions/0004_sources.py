"""Sources beyond upload, and what governs a document: licence note, expiry, legal hold."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS: dict[str, Any] = {
    "source_id": sa.String(length=40),
    "source_path": sa.Text(),
    "licence": sa.Text(),
    "expires_at": sa.DateTime(timezone=True),
    "hold": sa.Text(),
}


def upgrade() -> None:
    """Add sources and what governs a document."""
    op.create_table(
        "sources",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("allow", sa.JSON(), nullable=False),
        sa.Column("deny", sa.JSON(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("sources_by_owner", "sources", ["tenant", "owner", "kind"])
    for name, kind in COLUMNS.items():
        op.add_column("documents", sa.Column(name, kind, nullable=True))
    op.create_index("documents_by_source", "documents", ["source_id"])
    op.create_index("documents_by_expiry", "documents", ["expires_at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("documents_by_expiry", "documents")
    op.drop_index("documents_by_source", "documents")
    for name in COLUMNS:
        op.drop_column("documents", name)
    op.drop_table("sources")
