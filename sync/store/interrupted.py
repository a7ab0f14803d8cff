"""What ends a transaction through no fault of the record that it was about.

Whoever works on records one by one keeps a record that fails, tells of it, and goes on with the next. These errors
are not the record's: the pass ends, and all of it is run again when the database can.
"""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.store.database import LeaseLost
from sync.store.postgres import Taken, driver_error

_COLLIDED = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected: PostgreSQL ended one of two transactions that waited for each other."""


def collided(error: BaseException) -> bool:
    """Whether the transaction was ended for another one: run again, it is likely to come through."""
    lower = driver_error(error.orig if isinstance(error, DBAPIError) else error)
    return lower is not None and lower.sqlstate in _COLLIDED


def interrupted(error: Exception) -> bool:
    """Whether the database is lost, full, busy or another's now, or ended one of two that waited for each other."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | LeaseLost | Taken)
