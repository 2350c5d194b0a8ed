"""Evaluations that are started, run and end; scores of live answers."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the state of a run, what was asked for, and an answer's scores."""
    for column in (
        sa.Column("state", sa.String(length=12), nullable=False, server_default="succeeded"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("evaluation_runs", column)
    op.add_column("answers", sa.Column("scores", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("answers", "scores")
    for name in ("total", "done", "claimed_at", "request", "reason", "state"):
        op.drop_column("evaluation_runs", name)
