"""Alembic's door: one transaction for all revisions, on the connection that `sync.store.migrate` made.

On PostgreSQL an advisory lock lets one process migrate and the others wait; on SQLite BEGIN IMMEDIATE does.
"""

import sqlalchemy as sa
from alembic import context

from sync.store.postgres import MIGRATION_LOCK
from sync.store.tables import METADATA

connection: sa.Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    transaction_per_migration=False,
    compare_type=True,
    compare_server_default=True,
)
with connection.begin():
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    with context.begin_transaction():
        context.run_migrations()
