"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

tables = sa.MetaData()


sa.Table(
    "changes",
    tables,
    sa.Column(
        "seq",
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        autoincrement=False,
        nullable=False,
    ),
    sa.Column("document_key", sa.BigInteger(), nullable=False),
    sa.Column("kind", sa.String(length=20), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint("seq"),
)
sa.Table(
    "heads",
    tables,
    sa.Column("name", sa.String(length=40), nullable=False),
    sa.Column("value", sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint("name"),
)
sa.Table(
    "secrets",
    tables,
    sa.Column("name", sa.String(length=40), nullable=False),
    sa.Column("value", sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint("name"),
)
sa.Table(
    "store_settings",
    tables,
    sa.Column("name", sa.String(length=200), nullable=False),
    sa.Column("value", sa.String(length=1000), nullable=False),
    sa.PrimaryKeyConstraint("name"),
)
sa.Table(
    "tenants",
    tables,
    sa.Column("id", sa.String(length=64), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("disk_quota", sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "access_classes",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("fingerprint", sa.String(length=64), nullable=False),
    sa.Column("changed_seq", sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("key"),
    sa.UniqueConstraint("tenant", "fingerprint"),
)
sa.Table(
    "access_events",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String(length=200), nullable=False),
    sa.Column("action", sa.String(length=20), nullable=False),
    sa.Column("document_id", sa.String(length=40), nullable=False),
    sa.Column("before", sa.JSON(), nullable=False),
    sa.Column("after", sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("key"),
)
sa.Index("ix_access_events_document_id", tables.tables["access_events"].c.document_id)

sa.Table(
    "api_keys",
    tables,
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("hash", sa.String(length=64), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("user", sa.String(length=200), nullable=False),
    sa.Column("groups", sa.JSON(), nullable=False),
    sa.Column("role", sa.String(length=20), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
    sa.UniqueConstraint("hash"),
)
sa.Table(
    "conversations",
    tables,
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("owner", sa.String(length=200), nullable=False),
    sa.Column("title", sa.Text(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "evaluation_runs",
    tables,
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("owner", sa.String(length=200), nullable=False),
    sa.Column("kind", sa.String(length=20), nullable=False),
    sa.Column("report", sa.JSON(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "group_members",
    tables,
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("member", sa.String(length=200), nullable=False),
    sa.Column("group", sa.String(length=1200), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("tenant", "member", "group"),
)
sa.Table(
    "idempotency_keys",
    tables,
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("principal", sa.String(length=200), nullable=False),
    sa.Column("route", sa.String(length=120), nullable=False),
    sa.Column("key", sa.String(length=200), nullable=False),
    sa.Column("body_hash", sa.String(length=64), nullable=False),
    sa.Column("response", sa.JSON(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("tenant", "principal", "route", "key"),
)
sa.Table(
    "identities",
    tables,
    sa.Column("issuer", sa.String(length=255), nullable=False),
    sa.Column("subject", sa.String(length=255), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("user", sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("issuer", "subject"),
)
sa.Table(
    "jobs",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("submitter", sa.String(length=200), nullable=False),
    sa.Column("document_key", sa.BigInteger(), nullable=False),
    sa.Column("document_id", sa.String(length=40), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("state", sa.String(length=12), nullable=False),
    sa.Column("stage", sa.String(length=12), nullable=True),
    sa.Column("done", sa.Integer(), nullable=False),
    sa.Column("total", sa.Integer(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=True),
    sa.Column("code", sa.String(length=40), nullable=True),
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("fence", sa.Integer(), nullable=False),
    sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
    sa.Column("worker", sa.String(length=16), nullable=True),
    sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("key"),
    sa.UniqueConstraint("id"),
)
sa.Index("jobs_by_state", tables.tables["jobs"].c.state, tables.tables["jobs"].c.run_after)

sa.Table(
    "answers",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("conversation_id", sa.String(length=40), nullable=True),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("asker", sa.String(length=200), nullable=False),
    sa.Column("question", sa.Text(), nullable=False),
    sa.Column("answer", sa.JSON(), nullable=False),
    sa.Column("documents", sa.JSON(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.id"],
    ),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("key"),
    sa.UniqueConstraint("id"),
)
sa.Table(
    "class_principals",
    tables,
    sa.Column("class_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("principal", sa.String(length=1200), nullable=False),
    sa.Column("denied", sa.Boolean(), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(
        ["class_key"],
        ["access_classes.key"],
    ),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("class_key", "principal", "denied"),
)
sa.Index(
    "class_principals_by_principal",
    tables.tables["class_principals"].c.tenant,
    tables.tables["class_principals"].c.principal,
)

sa.Table(
    "documents",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("owner", sa.String(length=200), nullable=False),
    sa.Column("class_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("filename", sa.Text(), nullable=False),
    sa.Column("title", sa.Text(), nullable=False),
    sa.Column("title_given", sa.Boolean(), nullable=False),
    sa.Column("attributes", sa.JSON(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.Column("latest_version", sa.Integer(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["class_key"],
        ["access_classes.key"],
    ),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("key"),
    sa.UniqueConstraint("id"),
)
sa.Index("documents_by_class", tables.tables["documents"].c.class_key)
sa.Index(
    "documents_by_owner",
    tables.tables["documents"].c.tenant,
    tables.tables["documents"].c.owner,
    tables.tables["documents"].c.filename,
)

sa.Table(
    "feedback",
    tables,
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("tenant", sa.String(length=64), nullable=False),
    sa.Column("author", sa.String(length=200), nullable=False),
    sa.Column("answer_id", sa.String(length=40), nullable=False),
    sa.Column("rating", sa.Integer(), nullable=False),
    sa.Column("comment", sa.Text(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["answer_id"],
        ["answers.id"],
    ),
    sa.ForeignKeyConstraint(
        ["tenant"],
        ["tenants.id"],
    ),
    sa.PrimaryKeyConstraint("id"),
)
sa.Table(
    "versions",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("document_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("number", sa.Integer(), nullable=False),
    sa.Column("blob", sa.String(length=80), nullable=False),
    sa.Column("sha256", sa.String(length=64), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("media_type", sa.String(length=120), nullable=True),
    sa.Column("text", sa.Text(), nullable=True),
    sa.Column("layout", sa.LargeBinary(), nullable=True),
    sa.Column("pages", sa.Integer(), nullable=True),
    sa.Column("provenance", sa.JSON(), nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(
        ["document_key"],
        ["documents.key"],
    ),
    sa.PrimaryKeyConstraint("key"),
    sa.UniqueConstraint("document_key", "number"),
)
sa.Table(
    "chunks",
    tables,
    sa.Column("key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("id", sa.String(length=40), nullable=False),
    sa.Column("document_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("version_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("ordinal", sa.Integer(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("context", sa.Text(), nullable=False),
    sa.Column("start", sa.Integer(), nullable=False),
    sa.Column("end", sa.Integer(), nullable=False),
    sa.Column("tokens", sa.Integer(), nullable=False),
    sa.Column("page", sa.Integer(), nullable=True),
    sa.Column("headings", sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(
        ["document_key"],
        ["documents.key"],
    ),
    sa.ForeignKeyConstraint(
        ["version_key"],
        ["versions.key"],
    ),
    sa.PrimaryKeyConstraint("key"),
    sa.UniqueConstraint("id"),
    sa.UniqueConstraint("version_key", "ordinal"),
)
sa.Index("chunks_by_document", tables.tables["chunks"].c.document_key)

sa.Table(
    "vectors",
    tables,
    sa.Column("chunk_key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
    sa.Column("model", sa.String(length=120), nullable=False),
    sa.Column("data", sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(
        ["chunk_key"],
        ["chunks.key"],
    ),
    sa.PrimaryKeyConstraint("chunk_key", "model"),
)


def upgrade() -> None:
    """Make every table."""
    tables.create_all(op.get_bind())


def downgrade() -> None:
    """Drop every table."""
    tables.drop_all(op.get_bind())
