"""Alembic's environment: it runs the scripts on the connection that `models.migrate` hands over."""

from alembic import context

from models.migrate import options

context.configure(connection=context.config.attributes["connection"], **options())
with context.begin_transaction():
    context.run_migrations()
