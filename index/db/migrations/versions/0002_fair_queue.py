"""A fair queue: kinds, priorities, turns, pauses and stages of jobs; names of versions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def columns() -> "list[sa.Column[Any]]":
    return [
        sa.Column("kind", sa.String(length=12), nullable=False, server_default="ingest"),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("stages", sa.JSON(), nullable=False, server_default="{}"),
    ]


INDEXES = {
    "jobs_by_turn": ["tenant", "state", "priority", "submitter", "run_after"],
    "jobs_by_submitter": ["tenant", "submitter"],
    "jobs_by_document": ["document_key"],
}


def upgrade() -> None:
    """Add what a fair queue keeps."""
    op.add_column("versions", sa.Column("filename", sa.Text(), nullable=True))
    for column in columns():
        op.add_column("jobs", column)
    for name, indexed_columns in INDEXES.items():
        op.create_index(name, "jobs", indexed_columns)
    op.create_table(
        "queue_turns",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("submitter", sa.String(length=200), nullable=False),
        sa.Column("served", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"]),
        sa.PrimaryKeyConstraint("tenant", "submitter"),
    )
    op.create_table(
        "queue_pauses",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("paused_by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("queue_pauses")
    op.drop_table("queue_turns")
    for name in INDEXES:
        op.drop_index(name, "jobs")
    for column in columns():
        op.drop_column("jobs", column.name)
    op.drop_column("versions", "filename")
