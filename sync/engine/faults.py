"""What an exception of a pass means: patience, an outage, refused credentials, or a fault of somebody's.

Its text must be safe to store and to log: the contract's errors are written for people, and of any other
exception only its type and place are told, for its message may hold a buyer's name.
"""

import errno
import sqlite3
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import TracebackType

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from connectors.contract import AuthRejected, BadAnswer, ConnectorError, Throttled, Unavailable
from sync.store.postgres import Taken

DATABASE = "database"
"""What our own store is called where an outage is told."""
_OURS = ("sync", "connectors", "mappings", "config")


class Ending(StrEnum):
    """How a pass ended: the `outcome` label of the metric."""

    DONE = "done"
    MORE = "more"
    FAILED = "failed"
    THROTTLED = "throttled"
    LOST = "lost"
    """Another process has the lease: nothing was written."""


class Fault(StrEnum):
    """Whose fault a failed pass is."""

    PATIENCE = "patience"
    """The vendor asked us to come later."""
    OUTAGE = "outage"
    """The vendor does not answer."""
    CREDENTIALS = "credentials"
    MACHINE = "machine"
    """Our disk or database."""
    FLOW = "flow"
    """Anything else: an answer that nobody foresaw, or an error of ours."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One judged exception."""

    fault: Fault
    text: str
    retry_after: timedelta | None = None
    sample: bytes = b""
    """The answer that did not fit, to be kept sealed."""

    @property
    def ending(self) -> Ending:
        """The outcome label."""
        return Ending.THROTTLED if self.fault is Fault.PATIENCE else Ending.FAILED


def judge(error: Exception, place: str) -> Verdict:
    """`place` is where the database lies, for the sentence about a fault of the machine."""
    if _sqlstate(error) in _COLLIDED:
        return Verdict(
            Fault.PATIENCE, "another pass worked on the same rows; this one is run again", _COLLISION
        )
    machine = machine_fault(error, place)
    if machine is not None:
        return Verdict(Fault.MACHINE, machine)
    if isinstance(error, ExceptionGroup):
        return _gravest(error, place)
    if isinstance(error, Throttled):
        return Verdict(Fault.PATIENCE, str(error), error.retry_after)
    if isinstance(error, Unavailable):
        return Verdict(Fault.OUTAGE, str(error), error.retry_after)
    if isinstance(error, AuthRejected):
        return Verdict(Fault.CREDENTIALS, str(error))
    if isinstance(error, BadAnswer):
        return Verdict(Fault.FLOW, str(error), sample=error.sample)
    if isinstance(error, ConnectorError):
        return Verdict(Fault.FLOW, str(error))
    return Verdict(Fault.FLOW, told(error))


_GRAVEST_FIRST = (Fault.MACHINE, Fault.CREDENTIALS, Fault.FLOW, Fault.OUTAGE, Fault.PATIENCE)


def _gravest(group: ExceptionGroup[Exception], place: str) -> Verdict:
    """The gravest counts, so that no error of ours hides behind an outage; the longest wait asked for is kept."""
    verdicts = [judge(error, place) for error in group.exceptions]
    waits = [verdict.retry_after for verdict in verdicts if verdict.retry_after is not None]
    gravest = min(verdicts, key=lambda verdict: _GRAVEST_FIRST.index(verdict.fault))
    return replace(gravest, retry_after=max(waits, default=None))


def machine_fault(error: BaseException, place: str) -> str | None:
    """What to do, where the machine refuses: disk full, folder read-only, I/O error. None for other errors."""
    if isinstance(error, Taken):
        return str(error)
    lower = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(lower, psycopg.Error):
        return _server_fault(lower, place)
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


_COLLIDED = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected: PostgreSQL ended one of two transactions that waited for each other."""
_COLLISION = timedelta(seconds=1)
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


def _sqlstate(error: BaseException) -> str:
    lower = error.orig if isinstance(error, DBAPIError) else error
    return (lower.sqlstate or "") if isinstance(lower, psycopg.Error) else ""


def _server_fault(error: psycopg.Error, place: str) -> str | None:
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
