"""Alembic's revisions, in the wheel: expand and contract, for SQLite (batch mode) and PostgreSQL."""
