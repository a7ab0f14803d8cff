"""The quiet world of the flows' tests, for what the harness found and a test can show by itself."""

from tests.databases.fixtures import database, found_server, migrated_file, postgresql
from tests.integration.flows.conftest import daemon

__all__ = ["daemon", "database", "found_server", "migrated_file", "postgresql"]
