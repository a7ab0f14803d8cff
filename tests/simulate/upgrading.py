"""What an upgrade means here: the database is brought to the form of the revision before, and the documented way up.

There is one program in a checkout, so the older one does not run; its database is made by taking back what the last
migration added. That migration only adds, and the program before would have left the new columns empty, so this
is the very form that it would have left.
"""

import sqlite3
from contextlib import closing

import psycopg

from config.database import Database
from sync.store import migrate

PREVIOUS = "0008"
LAST = "0009"
_BACK = (
    "DROP TABLE message",
    "DROP TABLE message_rule",
    f"UPDATE alembic_version SET version_num = '{PREVIOUS}'",
)
"""What undoes migration 0009; a later one needs its own."""


def take_back(database: Database) -> None:
    """Give a database that nobody has open the form of `PREVIOUS`. It must be at `LAST`, the newest."""
    assert migrate.head() == LAST, "the simulator cannot take back the newest migration yet: teach it"
    if database.path is None:
        with psycopg.connect(database.url) as server:
            for statement in _BACK:
                server.execute(statement)
        return
    with closing(sqlite3.connect(database.path)) as file, file:
        for statement in _BACK:
            file.execute(statement)
