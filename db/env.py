"""Alembic's entry: migrations run on the connection that store/migrate.py hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    render_as_batch=True,
    transactional_ddl=True,
)
# The transaction is the caller's: one for all versions, checked before it is kept.
context.run_migrations()
