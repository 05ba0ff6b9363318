"""Alembic's entry: runs the steps on the connection of migrate.py, in its transaction."""

from alembic import context

from dispatch.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
context.run_migrations()
