"""Tables in memory with indexes, change order and an undo log: the transactional floor of the books.

Every change goes through `insert`, `change` or `remove`, so that indexes, `write_date` and the order of
changes are always right, and so that a refused request leaves nothing behind.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from sandbox.warehouse.rows import Row

R = TypeVar("R", bound=Row)


class Undo:
    """The log that a failed transaction is rolled back by; idle outside a transaction."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] | None = None

    @property
    def active(self) -> bool:
        """Whether a transaction is open."""
        return self._steps is not None

    def note(self, step: Callable[[], None]) -> None:
        """Remember how to take back a change that was just made."""
        if self._steps is not None:
            self._steps.append(step)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all changes of the block, or none when it raises; a nested block joins the outer one."""
        if self._steps is not None:
            yield
            return
        self._steps = []
        try:
            yield
        except BaseException:
            steps, self._steps = self._steps, None
            for step in reversed(steps):
                step()
            raise
        finally:
            self._steps = None


class Table(Generic[R]):
    """The rows of one kind by id, in the order of their last change, with indexes on named fields."""

    def __init__(
        self,
        now: Callable[[], datetime],
        undo: Undo,
        *,
        indexes: tuple[str, ...] = (),
        stamps: bool = False,
    ) -> None:
        self.rows: dict[int, R] = {}
        self.version = 0
        self._now = now
        self._undo = undo
        self._stamps = stamps
        self._next = 0
        self._order: dict[int, None] = {}
        self._indexes: dict[str, dict[object, dict[int, None]]] = {name: {} for name in indexes}

    def insert(self, build: Callable[[int, datetime], R]) -> R:
        """Add the row that `build(id, now)` makes."""
        self._next += 1
        row = build(self._next, self._now())
        if self._stamps:
            row.write_date = row.create_date
        self._add(row)
        self._undo.note(lambda: self._drop(row))
        return row

    def change(self, row: R, **values: object) -> None:
        """Set fields of a row and stamp it as written now."""
        old = {name: getattr(row, name) for name in (*values, "write_date")}
        self._assign(row, {**values, "write_date": self._now()})
        self._undo.note(lambda: self._assign(row, old))

    def remove(self, row: R) -> None:
        """Take a row out for good."""
        self._drop(row)
        self._undo.note(lambda: self._add(row))

    def get(self, row_id: int) -> R | None:
        """The row with this id."""
        return self.rows.get(row_id)

    def one(self, row_id: int | None) -> R:
        """The row with this id, which must exist."""
        return self.rows[row_id if row_id is not None else 0]

    def by(self, field: str, value: object) -> list[R]:
        """The rows whose indexed `field` has the value, oldest first."""
        return [self.rows[row_id] for row_id in sorted(self._indexes[field].get(value, ()))]

    def indexed(self, field: str) -> bool:
        """Whether `by` can be asked for the field."""
        return field in self._indexes

    def newest_changes(self) -> Iterator[R]:
        """All rows, the one that was changed last first."""
        for row_id in reversed(self._order):
            yield self.rows[row_id]

    def _add(self, row: R) -> None:
        self.rows[row.id] = row
        self._order[row.id] = None
        self.version += 1
        for name, index in self._indexes.items():
            if (value := getattr(row, name)) is not None:
                index.setdefault(value, {})[row.id] = None

    def _drop(self, row: R) -> None:
        del self.rows[row.id]
        del self._order[row.id]
        self.version += 1
        for name, index in self._indexes.items():
            if (value := getattr(row, name)) is not None:
                index[value].pop(row.id, None)

    def _assign(self, row: R, values: dict[str, object]) -> None:
        self.version += 1
        for name, value in values.items():
            if (index := self._indexes.get(name)) is not None:
                old = getattr(row, name)
                if old is not None:
                    index[old].pop(row.id, None)
                if value is not None:
                    index.setdefault(value, {})[row.id] = None
            setattr(row, name, value)
        self._order.pop(row.id, None)
        self._order[row.id] = None
