"""Seals cover whole rows, and more tables have them: people, keys, groups, sources, answers."""

import sqlalchemy as sa
from alembic import op

from index.db.backfills import WHOLE_SEALS, note_pending

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NEWLY_SEALED = (
    "answers", "api_keys", "collection_documents", "collections", "contributors", "conversations",
    "findings", "group_members", "identities", "people", "removed_groups", "scim_resources",
    "sources", "tenants",
)  # fmt: skip


def upgrade() -> None:
    """Add the columns; what is there is sealed afterwards, as it is then."""
    for table in NEWLY_SEALED:
        op.add_column(table, sa.Column("seal", sa.LargeBinary(17), nullable=True))
    note_pending(op.get_bind(), WHOLE_SEALS, "tenants")


def downgrade() -> None:
    """Take the columns away again; whole seals go, since older code takes them for damage."""
    for table in NEWLY_SEALED:
        op.drop_column(table, "seal")
    for table in ("authoritative_marks", "chunks", "documents", "vectors", "versions"):
        op.execute(sa.text(f"update {table} set seal = null where length(seal) > 16"))  # noqa: S608
