"""Alembic's entry: runs on the engine that index.db.alembic_runner hands over."""

from alembic import context
from sqlalchemy import Engine, text

from index.db.tables.base import Base

LOCK_TIMEOUT = "set lock_timeout = '100ms'"
"""A change of a table waits for those who read it, and whoever reads it next waits behind it. So
it gives up soon and is tried again."""

engine: Engine = context.config.attributes["engine"]
writing = engine.execution_options(footnote_write=True)
with writing.connect() as connection:
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        connection.begin()  # one for all: no other process gets in between two migrations
    else:
        connection.detach()  # the time-out is this connection's, and ends with it
        connection.execute(text(LOCK_TIMEOUT))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        transaction_per_migration=not is_sqlite,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
