"""The audit log as a chain; keys with scopes, an expiry, their maker and their last use."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY_COLUMNS = ("scopes", "expires_at", "last_used_at", "made_by", "reason", "successor")


def upgrade() -> None:
    """Make the tables and add the columns; keys from before have all that their role has."""
    op.create_table(
        "audit_rows",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("credential", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("object", sa.String(length=1200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sequence"),
    )
    op.create_index("audit_rows_by_actor", "audit_rows", ["tenant", "actor", "sequence"])
    op.create_index("audit_rows_by_object", "audit_rows", ["tenant", "object", "sequence"])
    op.create_table(
        "audit_heads",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pruned", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )
    for column in (
        sa.Column("scopes", sa.String(length=100), nullable=False, server_default=""),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("reason", sa.String(length=500), nullable=False, server_default=""),
        sa.Column("successor", sa.String(length=40), nullable=True),
    ):
        op.add_column("api_keys", column)


def downgrade() -> None:
    """Take them away again."""
    for column in KEY_COLUMNS:
        op.drop_column("api_keys", column)
    op.drop_table("audit_heads")
    op.drop_table("audit_rows")
