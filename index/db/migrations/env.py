"""Alembic's entry: runs on the engine that index.db.alembic_runner hands over."""

from alembic import context
from sqlalchemy import Engine

from index.db.tables.base import Base

engine: Engine = context.config.attributes["engine"]
writing = engine.execution_options(footnote_write=True)
with writing.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
