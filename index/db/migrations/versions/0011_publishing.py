"""Who may publish to whom, names that look alike, and documents that curators vouch for."""

import sqlalchemy as sa
from alembic import op

from index.db.backfills import NAMES as NAME_KEYS
from index.db.backfills import note_pending
from index.text.look_alike_names import LONGEST

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMES = ("title", "filename")


def upgrade() -> None:
    """Add the tables and the keys of names; those of the documents that are there come afterwards."""
    op.create_table(
        "contributors",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("member", sa.String(200), nullable=False),
        sa.Column("audience", sa.String(1200), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant", "member", "audience"),
    )
    op.create_table(
        "authoritative_marks",
        sa.Column("document_key", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("curator", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal", sa.LargeBinary(16), nullable=True),
        sa.ForeignKeyConstraint(["document_key"], ["documents.key"]),
        sa.PrimaryKeyConstraint("document_key"),
    )
    for name in NAMES:
        column = sa.Column(f"{name}_key", sa.String(LONGEST), nullable=False, server_default="")
        op.add_column("documents", column)
    for name in NAMES:
        op.create_index(f"documents_by_{name}", "documents", ["tenant", f"{name}_key"])
    note_pending(op.get_bind(), NAME_KEYS, "documents")


def downgrade() -> None:
    """Take them away again."""
    for name in NAMES:
        op.drop_index(f"documents_by_{name}", "documents")
        op.drop_column("documents", f"{name}_key")
    op.drop_table("authoritative_marks")
    op.drop_table("contributors")
