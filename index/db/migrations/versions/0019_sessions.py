"""Sessions, people who may be suspended, and what an issuer says of an identity."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

CLAIMS = ("name", "groups", "role", "claimed_at")


def upgrade() -> None:
    """Add the tables; identities from before have no groups and are readers', as they were."""
    columns = (
        sa.Column("name", sa.String(200), nullable=False, server_default=""),
        sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("role", sa.String(20), nullable=False, server_default="reader"),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
    )
    for column in columns:
        op.add_column("identities", column)
    op.create_table(
        "people",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("user", sa.String(200), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant", "user"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("user", sa.String(200), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.ForeignKeyConstraint(["issuer", "subject"], ["identities.issuer", "identities.subject"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("sessions_by_user", "sessions", ["tenant", "user"])
    op.create_index("sessions_by_expiry", "sessions", ["expires_at"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("sessions")
    op.drop_table("people")
    for name in reversed(CLAIMS):
        op.drop_column("identities", name)
