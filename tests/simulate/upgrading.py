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

PREVIOUS = "0009"
LAST = "0011"
_BACK = (
    "DROP INDEX ix_customer_order_ship_to_index",
    "ALTER TABLE customer_order DROP COLUMN ship_to_index",
    "DROP INDEX ix_parcel_label_of",
    "DROP INDEX ix_parcel_waiting",
    "ALTER TABLE parcel DROP COLUMN label_of",
    "ALTER TABLE parcel DROP COLUMN waits_until",
    "ALTER TABLE parcel DROP COLUMN apart",
    f"UPDATE alembic_version SET version_num = '{PREVIOUS}'",
)
"""What undoes migration 0010; 0011 makes an index anew, whatever it was. A later one needs its own."""


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
