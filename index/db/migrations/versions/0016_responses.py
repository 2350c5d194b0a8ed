"""Responses of OpenAI's API, and metadata of conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and pairs of their owners' own to conversations."""
    op.create_table(
        "responses",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("credential", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("answer_id", sa.String(40), nullable=True),
        sa.Column("previous_id", sa.String(40), nullable=True),
        sa.Column("echo", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("responses_by_answer", "responses", ["answer_id"])
    op.create_index("responses_by_state", "responses", ["state", "created_at"])
    op.add_column(
        "conversations", sa.Column("metadata", sa.JSON(), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_column("conversations", "metadata")
    op.drop_table("responses")
