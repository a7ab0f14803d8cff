"""Customer returns: units arrive in the input zone, then are put away (stock.shipment.out.return).

The ledger is told what units came (`returned`) and where they were put: on sale again (`restocked`), out of the
house as waste (`scrapped`), or on a shelf of its own inside storage (`shelved`). What is cancelled afterwards is
told with negative quantities.
"""

from collections import defaultdict

from sandbox.warehouse.assigning import remove_moves, set_states, split, warn_without_origin
from sandbox.warehouse.comparing import compare_quantities
from sandbox.warehouse.desk import Desk, Step
from sandbox.warehouse.rows import CustomerReturn, LocationType, Move, MoveState, ShipmentState
from sandbox.warehouse.store import BACK, Store

S = ShipmentState
_SHOWN = {
    "cancel": {S.DRAFT, S.RECEIVED, S.DONE},
    "draft": {S.CANCELLED},
    "receive": {S.DRAFT},
    "do": {S.RECEIVED},
}


class Inbound(Desk[CustomerReturn]):
    """The buttons of customer returns."""

    model = BACK

    def __init__(self, store: Store) -> None:
        super().__init__(store, store.returns)
        self.steps: dict[str, Step[CustomerReturn]] = {
            "cancel": self._cancel,
            "draft": self._draft,
            "receive": self._receive,
            "do": self._do,
        }

    def shown(self, row: CustomerReturn, button: str) -> bool:
        return row.state in _SHOWN[button]

    @staticmethod
    def direct(row: CustomerReturn) -> bool:
        """Whether units arrive in storage itself, without an input zone before."""
        return row.warehouse_storage == row.warehouse_input

    def incoming(self, row: CustomerReturn) -> list[Move]:
        """The moves from the customer, by product."""
        moves = self.store.moves_of((BACK, row.id))
        found = [m for m in moves if self.direct(row) or m.to_location == row.warehouse_input]
        return sorted(found, key=lambda m: (self.store.sku(m.product), m.id))

    def inventory(self, row: CustomerReturn) -> list[Move]:
        """The moves that put the units away, by place and product."""
        moves = [m for m in self.store.moves_of((BACK, row.id)) if m.from_location == row.warehouse_input]
        places = self.store.locations
        return sorted(moves, key=lambda m: (places.one(m.to_location).name, self.store.sku(m.product), m.id))

    def stowing(self, row: CustomerReturn) -> list[Move]:
        """The moves that bring units to where they stay."""
        return self.incoming(row) if self.direct(row) else self.inventory(row)

    def units(self, row: CustomerReturn) -> dict[str, float]:
        """Units by SKU that are expected, or came."""
        total: defaultdict[str, float] = defaultdict(float)
        for move in self.incoming(row):
            if move.state is not MoveState.CANCELLED:
                total[self.store.sku(move.product)] += move.units
        return dict(total)

    def places(self, row: CustomerReturn) -> dict[str, dict[str, float]]:
        """Units by SKU that were put away, by the name of the place."""
        total: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
        for move in self.stowing(row):
            if move.state is MoveState.DONE:
                name = self.store.locations.one(move.to_location).name
                total[name][self.store.sku(move.product)] += move.units
        return {name: dict(units) for name, units in total.items()}

    def _receive(self, row: CustomerReturn, skip: bool) -> None:
        warn_without_origin(self.store, self.incoming(row), skip)
        set_states(self.store, self.incoming(row), MoveState.DONE)
        for move in self.incoming(row):
            if not self.direct(row) and move.units:
                self._plan_stowing(row, move)  # also of one that was cancelled, as in the real system
            self._tell("returned", row, move, move.units)
        self.store.returns.change(row, state=S.RECEIVED)
        if self.direct(row):
            self._do(row, skip)

    def _plan_stowing(self, row: CustomerReturn, move: Move) -> None:
        split(
            self.store,
            move,
            move.units,
            origin=("stock.move", move.id),
            from_location=row.warehouse_input,
            to_location=row.warehouse_storage,
            effective_date=None,
            unit_price=None,
            currency=None,
        )

    def _do(self, row: CustomerReturn, skip: bool) -> None:
        if not self.direct(row):
            compare_quantities(self.store, row, self.incoming(row), self.inventory(row), skip)
        set_states(self.store, self.inventory(row), MoveState.DONE)
        today = self.store.today()
        self.store.returns.change(row, state=S.DONE, effective_date=row.effective_date or today)
        for move in self.stowing(row):
            self._tell(self._stowed(row, move), row, move, move.units)

    def _cancel(self, row: CustomerReturn, skip: bool) -> None:
        for move in self.incoming(row):
            self._tell("returned", row, move, -move.units)
        if row.state is S.DONE:
            for move in self.stowing(row):
                self._tell(self._stowed(row, move), row, move, -move.units)
        set_states(self.store, self.store.moves_of((BACK, row.id)), MoveState.CANCELLED)
        self.store.returns.change(row, state=S.CANCELLED)

    def _draft(self, row: CustomerReturn, skip: bool) -> None:
        set_states(self.store, self.incoming(row), MoveState.DRAFT)
        unused = (MoveState.DRAFT, MoveState.CANCELLED)
        remove_moves(self.store, [m for m in self.inventory(row) if m.state in unused])
        self.store.returns.change(row, state=S.DRAFT)

    def _stowed(self, row: CustomerReturn, move: Move) -> str:
        if self.store.locations.one(move.to_location).type is LocationType.LOST_FOUND:
            return "scrapped"
        return "restocked" if move.to_location == row.warehouse_storage else "shelved"

    def _tell(self, kind: str, row: CustomerReturn, move: Move, units: float) -> None:
        if move.state is MoveState.DONE and units:
            sku = self.store.sku(move.product)
            self.store.record(kind, document=row.id, reference=row.reference, sku=sku, quantity=units)
