"""Internal shipments: units from one location to another, through the transit location between warehouses."""

from sandbox.warehouse.assigning import assign_free, needs_units, remove_moves, set_states, split
from sandbox.warehouse.desk import ANY_STATE, Desk, Step
from sandbox.warehouse.foundation import TRANSIT
from sandbox.warehouse.rows import LocationType, Move, MoveState, ShipmentState, Transfer
from sandbox.warehouse.store import INTERNAL, Store

S = ShipmentState
_SHOWN = {
    "cancel": ANY_STATE - {S.CANCELLED},
    "draft": {S.CANCELLED, S.REQUEST, S.WAITING},
    "wait": {S.DRAFT, S.WAITING, S.ASSIGNED},
    "assign_try": ANY_STATE,
    "assign_force": ANY_STATE,
    "pack": {S.ASSIGNED},
    "ship": {S.PACKED},
    "do": {S.SHIPPED},
}


class Transfers(Desk[Transfer]):
    """The buttons of internal shipments."""

    model = INTERNAL

    def __init__(self, store: Store) -> None:
        super().__init__(store, store.transfers)
        self.steps: dict[str, Step[Transfer]] = {
            "cancel": self._cancel,
            "draft": self._draft,
            "wait": self._wait,
            "assign_try": self._assign_try,
            "assign_force": self._assign_force,
            "pack": self._pack,
            "ship": self._ship,
            "do": self._do,
        }

    def shown(self, row: Transfer, button: str) -> bool:
        if self.transit(row) is None and button in ("pack", "ship", "do"):
            return button == "do" and row.state is S.ASSIGNED
        return row.state in _SHOWN[button]

    def warehouse_of(self, location: int | None) -> int | None:
        """The warehouse that a location belongs to."""
        while location is not None:
            place = self.store.locations.one(location)
            if place.type is LocationType.WAREHOUSE:
                return place.id
            location = place.parent
        return None

    def transit(self, row: Transfer) -> int | None:
        """The location in between, when the two ends are in different warehouses."""
        ends = self.warehouse_of(row.from_location), self.warehouse_of(row.to_location)
        return TRANSIT if ends[0] != ends[1] and None not in ends else None

    def moves(self, row: Transfer) -> list[Move]:
        """All moves of the shipment."""
        return self.store.moves_of((INTERNAL, row.id))

    def outgoing(self, row: Transfer) -> list[Move]:
        """The moves that leave the first location."""
        transit = self.transit(row)
        return [m for m in self.moves(row) if transit is None or m.to_location == transit]

    def incoming(self, row: Transfer) -> list[Move]:
        """The moves that arrive in the second location."""
        transit = self.transit(row)
        return [m for m in self.moves(row) if transit is None or m.from_location == transit]

    def partially_assigned(self, row: Transfer) -> bool:
        """Whether some of the moves hold their units while the shipment as a whole does not."""
        moves = [move for move in self.outgoing(row) if needs_units(self.store, move)]
        return row.state is not S.ASSIGNED and any(move.state is MoveState.ASSIGNED for move in moves)

    def _move_on(self, row: Transfer, state: S, **values: object) -> None:
        self.store.transfers.change(row, state=state, **values)

    def _wait(self, row: Transfer, skip: bool) -> None:
        set_states(self.store, self.moves(row), MoveState.DRAFT)
        if (transit := self.transit(row)) is not None:
            drafts = [m for m in self.outgoing(row) if m.state is not MoveState.DONE and m.origin]
            remove_moves(self.store, drafts)
            for move in self.moves(row):
                if move.state is MoveState.DRAFT:
                    self._pass_through(row, move, transit)
        self._move_on(row, S.WAITING, number=row.number or self.store.number(INTERNAL))

    def _pass_through(self, row: Transfer, move: Move, transit: int) -> None:
        self.store.moves.change(move, from_location=transit)
        split(
            self.store,
            move,
            move.units,
            origin=("stock.move", move.id),
            from_location=row.from_location,
            to_location=transit,
            planned_date=row.planned_start_date,
        )

    def _assign_try(self, row: Transfer, skip: bool) -> None:
        if row.state is S.WAITING:
            assign_free(self.store, [m for m in self.outgoing(row) if needs_units(self.store, m)])
            if all(move.state is not MoveState.DRAFT for move in self.outgoing(row)):
                self._move_on(row, S.ASSIGNED)

    def _assign_force(self, row: Transfer, skip: bool) -> None:
        if row.state is S.WAITING:
            set_states(self.store, self.outgoing(row), MoveState.ASSIGNED)
            self._move_on(row, S.ASSIGNED)

    def _pack(self, row: Transfer, skip: bool) -> None:
        self._move_on(row, S.PACKED)

    def _ship(self, row: Transfer, skip: bool) -> None:
        set_states(self.store, self.outgoing(row), MoveState.DONE)
        self._move_on(row, S.SHIPPED, effective_start_date=self.store.today())

    def _do(self, row: Transfer, skip: bool) -> None:
        set_states(self.store, self.moves(row), MoveState.DONE)
        self._move_on(row, S.DONE, effective_date=row.effective_date or self.store.today())

    def _cancel(self, row: Transfer, skip: bool) -> None:
        set_states(self.store, self.moves(row), MoveState.CANCELLED)
        self._move_on(row, S.CANCELLED)

    def _draft(self, row: Transfer, skip: bool) -> None:
        set_states(self.store, self.moves(row), MoveState.DRAFT)
        self._move_on(row, S.DRAFT)
