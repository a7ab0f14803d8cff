"""A PostgreSQL server for the migrations' tests."""

from tests.databases.fixtures import found_server, postgresql

__all__ = ["found_server", "postgresql"]
