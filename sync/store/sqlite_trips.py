"""A statement on SQLite in one trip to its connection's thread, with the BEGIN before it in the same one.

The driver's own cursor goes there four times: for the cursor, the statement, its rows and the closing. Each trip
wakes a thread and the event loop, which costs far more than a small statement itself. A transaction therefore
begins with its first statement: nothing is locked or seen before that, and where there is none, nothing is ended.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import immutabledict
from sqlalchemy.util.concurrency import await_

Told = tuple[Sequence[Any], Any, int, int | None]
"""What a statement gave: its rows, their description, how many rows it wrote, the last row's number."""
_ENDED = "the transaction was rolled back by SQLite itself"


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that holds nothing open: it has all rows once its statement has run."""

    __slots__ = ("_told",)

    def __init__(self, adapt_connection: "Connection") -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._soft_closed_memoized = immutabledict()
        self._told: Told = ((), None, -1, None)

    def execute(self, operation: Any, parameters: Any = None) -> Any:
        """Run one statement."""
        return self._run(lambda cursor: cursor.execute(operation, () if parameters is None else parameters))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> Any:
        """Run one statement for each of these parameters."""
        return self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def _run(self, act: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> "Cursor":
        connection = self._adapt_connection
        assert isinstance(connection, Connection)  # noqa: S101  (that is who makes it)
        self._told = connection.trip(lambda driver: _whole(driver, act))
        self._rows = deque(self._told[0])
        return self

    @property
    def description(self) -> Any:
        """The columns' names; None where the statement gives no rows."""
        return self._told[1]

    @property
    def rowcount(self) -> int:
        """How many rows were written; -1 for a query."""
        return self._told[2]

    @property
    def lastrowid(self) -> Any:
        """SQLite's own number of the row that was inserted last."""
        return self._told[3]

    @property
    def arraysize(self) -> int:
        """How many rows `fetchmany` gives where nobody says."""
        return 1

    @arraysize.setter
    def arraysize(self, value: int) -> None:
        raise NotImplementedError

    async def _async_soft_close(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing is open."""
        self._rows.clear()


def _whole(driver: sqlite3.Connection, act: Callable[[sqlite3.Cursor], sqlite3.Cursor]) -> Told:
    cursor = driver.cursor()
    try:
        act(cursor)
        rows = cursor.fetchall() if cursor.description else ()
        return rows, cursor.description, cursor.rowcount, cursor.lastrowid
    finally:
        cursor.close()


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection whose transactions begin with their first statement."""

    __slots__ = ("_begin", "_begun", "_open")

    _cursor_cls: type[AsyncAdapt_aiosqlite_cursor] = Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._begin = ""
        """The statement that begins the transaction that was asked for; none is asked for where it is empty."""
        self._open = False
        """Whether anything of it was sent to the thread, and its end has not come back from there."""
        self._begun = False
        """Whether it has begun. Set in the connection's thread, in the order of what happens there."""

    def begin(self, how: str) -> None:
        """From here to `commit` or `rollback` everything is one transaction."""
        self._begin = how

    def trip(self, act: Callable[[sqlite3.Connection], Told]) -> Told:
        """Do something in the connection's thread, inside the transaction that was asked for."""

        how = (
            self._begin
        )  # not as it is when the thread comes to it: a task that was cancelled ends it before

        def there() -> Told:
            driver: sqlite3.Connection = self._connection._conn
            if self._begun and not driver.in_transaction:
                raise sqlite3.OperationalError(_ENDED)
            if how and not self._begun:
                driver.execute(how)
                self._begun = True
            return act(driver)

        self._open = self._open or bool(how)
        try:
            told: Told = await_(self._connection._execute(there))
        except Exception as error:
            self._handle_exception(error)
        return told

    def commit(self) -> None:
        """End the transaction, if it has begun."""

        def there() -> None:
            driver: sqlite3.Connection = self._connection._conn
            if self._begun and not driver.in_transaction:
                raise sqlite3.OperationalError(_ENDED)
            driver.commit()
            self._begun = False

        self._end(there)

    def rollback(self) -> None:
        """Undo the transaction, if it has begun."""

        def there() -> None:
            self._begun = False
            self._connection._conn.rollback()

        self._end(there)

    def _end(self, there: Callable[[], None]) -> None:
        self._begin = ""
        if not self._open or not self._connection._connection:
            return
        try:
            await_(self._connection._execute(there))
            self._open = False
        except Exception as error:
            self._handle_exception(error)
