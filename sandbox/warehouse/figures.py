"""How many units are where: sums over the moves, kept up to date as moves change.

A figure is what the real system computes for a product and a set of locations: units moved in less units
moved out by done moves, less assigned outgoing moves when asked (`stock_assign`), and, for a forecast, open
moves planned from today up to a day. Moves inside the set cancel out.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import date

from sandbox.warehouse.rows import Move, MoveState
from sandbox.warehouse.tables import Table, Undo

_OPEN = (MoveState.DRAFT, MoveState.ASSIGNED)
_COUNTED = (MoveState.DONE, MoveState.ASSIGNED)


class Figures:
    """The moves and their running sums; the only way to change a move."""

    def __init__(self, table: Table[Move], undo: Undo, today: Callable[[], date]) -> None:
        self.table = table
        self._undo = undo
        self._today = today
        self._on_hand: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._assigned: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        self._open: defaultdict[int, dict[int, None]] = defaultdict(dict)

    def add(self, build: Callable[..., Move]) -> Move:
        """Insert a move and count it."""
        move = self.table.insert(build)
        self._count(move, 1)
        self._undo.note(lambda: self._count(move, -1))
        return move

    def change(self, move: Move, **values: object) -> None:
        """Change a move and count it anew."""
        self._count(move, -1)
        self._undo.note(lambda: self._count(move, 1))
        self.table.change(move, **values)
        self._count(move, 1)
        self._undo.note(lambda: self._count(move, -1))

    def remove(self, move: Move) -> None:
        """Delete a move that has not happened."""
        self._count(move, -1)
        self._undo.note(lambda: self._count(move, 1))
        self.table.remove(move)

    def quantity(
        self, product: int, locations: Collection[int], *, assign: bool = False, end: date | None = None
    ) -> float:
        """Units in the locations, today or on the past day `end`."""
        if end is not None and end < self._today():
            return self._history(product, locations, assign=assign, end=end)
        total = sum(self._on_hand[place].get(product, 0.0) for place in locations)
        if assign:
            total -= sum(self._assigned[place].get(product, 0.0) for place in locations)
        return float(total)

    def forecast(
        self, product: int, locations: Collection[int], *, assign: bool = False, end: date | None = None
    ) -> float:
        """Units expected in the locations at the end of the day `end` (null: when all is done)."""
        today = self._today()
        if end is not None and end < today:
            return self._history(product, locations, assign=assign, end=end)
        total = self.quantity(product, locations)
        for move_id in self._open.get(product, ()):
            move = self.table.one(move_id)
            if self._foreseen(move, today, end):
                total += move.units * ((move.to_location in locations) - (move.from_location in locations))
        return total

    def free(self, product: int, location: int) -> float:
        """Units in one location that no shipment holds."""
        return self._on_hand[location].get(product, 0.0) - self._assigned[location].get(product, 0.0)

    @staticmethod
    def _foreseen(move: Move, today: date, end: date | None) -> bool:
        if move.state is MoveState.ASSIGNED:
            return True
        if move.planned_date is None:
            return end is None
        return today <= move.planned_date and (end is None or move.planned_date <= end)

    def _history(self, product: int, locations: Collection[int], *, assign: bool, end: date) -> float:
        total = 0.0
        for move in self.table.rows.values():
            if move.product != product or move.state not in _COUNTED:
                continue
            if (move.effective_date or self._today()) > end:
                continue
            if move.state is MoveState.DONE:
                total += move.units * (move.to_location in locations)
            if move.state is MoveState.DONE or assign:
                total -= move.units * (move.from_location in locations)
        return total

    def _count(self, move: Move, sign: int) -> None:
        product, origin, target = move.product or 0, move.from_location or 0, move.to_location or 0
        if move.state is MoveState.DONE:
            self._on_hand[target][product] += sign * move.units
            self._on_hand[origin][product] -= sign * move.units
        elif move.state is MoveState.ASSIGNED:
            self._assigned[origin][product] += sign * move.units
        if move.state in _OPEN:
            if sign > 0:
                self._open[product][move.id] = None
            else:
                self._open[product].pop(move.id, None)
