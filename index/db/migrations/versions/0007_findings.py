"""Findings in documents, the action for each, and documents in quarantine."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of findings and the columns of the quarantine."""
    op.create_table(
        "findings",
        sa.Column("key", KEY, nullable=False),
        sa.Column("document_key", KEY, nullable=False),
        sa.Column("version_key", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("detector", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"]),
        sa.ForeignKeyConstraint(["version_key"], ["versions.key"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("findings_by_version", "findings", ["version_key"])
    op.create_index("findings_by_document", "findings", ["document_key"])
    op.add_column("tenants", sa.Column("screening", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("documents", sa.Column("masked_at", sa.DateTime(timezone=True)))
    op.add_column("versions", sa.Column("quarantined_at", sa.DateTime(timezone=True)))
    op.add_column("versions", sa.Column("released_by", sa.String(length=200)))
    op.add_column("versions", sa.Column("released_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take it away again."""
    for name in ("quarantined_at", "released_by", "released_at"):
        op.drop_column("versions", name)
    op.drop_column("documents", "masked_at")
    op.drop_column("tenants", "screening")
    op.drop_table("findings")
