"""Databases for tests: a fresh migrated one for each test, on SQLite and on PostgreSQL."""
