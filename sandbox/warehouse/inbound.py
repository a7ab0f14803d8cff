"""Customer returns: units arrive in the input zone, then are put away (stock.shipment.out.return)."""

from sandbox.warehouse.assigning import remove_moves, set_states, split, warn_without_origin
from sandbox.warehouse.desk import Desk, Step
from sandbox.warehouse.rows import CustomerReturn, Move, MoveState, ShipmentState
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

    def incoming(self, row: CustomerReturn) -> list[Move]:
        """The moves from the customer."""
        return [m for m in self.store.moves_of((BACK, row.id)) if m.to_location == row.warehouse_input]

    def inventory(self, row: CustomerReturn) -> list[Move]:
        """The moves that put the units away."""
        return [m for m in self.store.moves_of((BACK, row.id)) if m.from_location == row.warehouse_input]

    def _receive(self, row: CustomerReturn, skip: bool) -> None:
        warn_without_origin(self.store, self.incoming(row), skip)
        set_states(self.store, self.incoming(row), MoveState.DONE)
        unused = (MoveState.DRAFT, MoveState.CANCELLED)
        remove_moves(self.store, [move for move in self.inventory(row) if move.state in unused])
        for move in self.incoming(row):
            if move.state is MoveState.DONE and row.warehouse_storage != row.warehouse_input:
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
        self.store.returns.change(row, state=S.RECEIVED)

    def _do(self, row: CustomerReturn, skip: bool) -> None:
        set_states(self.store, self.inventory(row), MoveState.DONE)
        today = self.store.today()
        self.store.returns.change(row, state=S.DONE, effective_date=row.effective_date or today)
        for move in self.incoming(row):
            if move.state is MoveState.DONE:
                self.store.record(
                    "returned",
                    sku=self.store.sku(move.product),
                    quantity=move.units,
                    reference=row.reference,
                )

    def _cancel(self, row: CustomerReturn, skip: bool) -> None:
        set_states(self.store, self.store.moves_of((BACK, row.id)), MoveState.CANCELLED)
        self.store.returns.change(row, state=S.CANCELLED)

    def _draft(self, row: CustomerReturn, skip: bool) -> None:
        remove_moves(self.store, [m for m in self.inventory(row) if m.state is not MoveState.DONE])
        self.store.returns.change(row, state=S.DRAFT)
