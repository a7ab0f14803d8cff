"""What our own machine says: disk, file and database. Apart from faults.py, which knows the vendors' errors too,
so that a command that only reads needs none of the connectors.
"""

import errno
import sqlite3
from types import TracebackType
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.store.postgres import Taken, driver_error

if TYPE_CHECKING:
    import psycopg

_OURS = ("sync", "connectors", "mappings", "config")


def machine_fault(error: BaseException, place: str) -> str | None:
    """What to do, where the machine refuses: disk full, folder read-only, I/O error. None for other errors."""
    if isinstance(error, Taken):
        return str(error)
    lower = error.orig if isinstance(error, DBAPIError) else error
    if (refused := driver_error(lower)) is not None:
        return _server_fault(refused, place)
    text = str(error.orig) if isinstance(error, DBAPIError) else ""
    if isinstance(error, sqlite3.Error):
        text = str(error)
    number = error.errno if isinstance(error, OSError) else None
    if "disk is full" in text or number in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: free some space for {place}; nothing is lost, work goes on by itself then"
    if "readonly database" in text or "unable to open" in text or number in (errno.EROFS, errno.EACCES):
        return f"{place} cannot be written: check the owner and the mode of the file and of its folder"
    if "disk I/O error" in text or "malformed" in text or number == errno.EIO:
        return f"{place} cannot be read or written rightly: check the disk, then run: entrepot check"
    if "not a database" in text:
        return f"{place} is no SQLite database: put the right file back, or restore a backup"
    if "database is locked" in text:
        return f"another program keeps {place} locked: close it"
    if isinstance(error, PoolTimeout):
        return f"{place} answers too slowly: the disk is overloaded, or another program keeps it busy"
    return None


_STATES = {
    "28": "{} refuses our user: check the user under `database:`, and its password in ~/.pgpass or PGPASSWORD",
    "3D000": "{} is not there: make it with createdb, owned by the user under `database:`",
    "53100": "the disk of the server of {} is full: free some space; nothing is lost, work goes on by itself then",
    "53300": "{} has no connection left: raise max_connections (Entrepot takes up to 17), or close other programs",
    "53": "the server of {} lacks memory or other means: see its log; nothing is lost, work goes on by itself then",
    "25006": "{} can only be read: it is a standby, or was set so; name the primary server under `database:`",
    "57014": "{} answers too slowly: the server is overloaded, or another session holds what is wanted",
    "55P03": "{} answers too slowly: the server is overloaded, or another session holds what is wanted",
    "42501": "{} does not allow that: the user under `database:` must own the database and its tables",
    "58": "{} cannot be read or written rightly: check the server's disk and its log",
    "XX": "{} cannot be read or written rightly: check the server's disk and its log",
    "57P": "{} does not answer: see that PostgreSQL runs and can be reached; work goes on by itself then",
    "08": "{} does not answer: see that PostgreSQL runs and can be reached; work goes on by itself then",
    "25P": "{} ended a transaction that took too long: the machine is overloaded",
}
"""By SQLSTATE, the longest beginning that fits."""
_REFUSED_AT_THE_DOOR = {
    "authentication failed": "28",
    "no password supplied": "28",
    "no pg_hba.conf entry": "28",
    "too many clients": "53300",
    "connection slots": "53300",
    "permission denied": "42501",
}
"""What a connection that was refused says: libpq gives no SQLSTATE then."""


def _server_fault(error: "psycopg.Error", place: str) -> str | None:
    import psycopg

    state = error.sqlstate or ""
    if not state:
        if not isinstance(error, psycopg.OperationalError):
            return None
        said = str(error)
        state = next((code for words, code in _REFUSED_AT_THE_DOOR.items() if words in said), "08")
        if state == "08" and "does not exist" in said:
            state = "28" if "role" in said else "3D000"
    for length in (5, 3, 2):
        if state[:length] in _STATES:
            return _STATES[state[:length]].format(place)
    return None


def told(error: BaseException) -> str:
    """The type of an exception and the places in our code that it came through; never its message."""
    places = " < ".join(reversed(_places(error.__traceback__)))
    return f"{type(error).__name__} at {places}" if places else type(error).__name__


def _places(trace: TracebackType | None) -> list[str]:
    found = []
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", "?"))
        if name.partition(".")[0] in _OURS or trace.tb_next is None:
            found.append(f"{name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-6:]
