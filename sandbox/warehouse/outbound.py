"""Outbound shipments, from draft to done, as the real system moves them (stock.shipment.out).

An outgoing move carries units from the output zone to the customer; `wait` makes an inventory move for it,
which brings them from storage to the output zone when they are picked. What was not picked is taken off the
outgoing move without a word: a part shipment leaves no back-order behind.
"""

from collections import defaultdict

from sandbox.warehouse.assigning import (
    assign_free,
    needs_units,
    remove_moves,
    set_states,
    split,
    warn_without_origin,
)
from sandbox.warehouse.comparing import compare_quantities
from sandbox.warehouse.desk import ANY_STATE, Desk, Step
from sandbox.warehouse.names import record_name
from sandbox.warehouse.refusals import Refusal, Warned
from sandbox.warehouse.rows import Move, MoveState, Shipment, ShipmentState
from sandbox.warehouse.store import OUT, Store

S = ShipmentState
_SHOWN = {
    "cancel": ANY_STATE - {S.CANCELLED},
    "draft": {S.WAITING, S.CANCELLED},
    "wait": {S.ASSIGNED, S.WAITING, S.DRAFT},
    "pick": {S.ASSIGNED, S.PACKED},
    "pack": {S.PICKED},
    "ship": {S.PACKED},
    "do": {S.PACKED, S.SHIPPED},
    "assign_try": ANY_STATE,
    "assign_force": ANY_STATE,
}


class Outbound(Desk[Shipment]):
    """The buttons of outbound shipments, and the part-shipment dialogue."""

    model = OUT

    def __init__(self, store: Store) -> None:
        super().__init__(store, store.shipments)
        self.steps: dict[str, Step[Shipment]] = {
            "cancel": self._cancel,
            "draft": self._draft,
            "wait": self._wait,
            "pick": self._pick,
            "pack": self._pack,
            "ship": self._ship,
            "do": self._do,
            "assign_try": self._assign_try,
            "assign_force": self._assign_force,
        }

    def shown(self, row: Shipment, button: str) -> bool:
        if self.direct(row) and button in ("pick", "pack"):
            return button == "pack" and row.state is S.ASSIGNED
        return row.state in _SHOWN[button]

    @staticmethod
    def direct(row: Shipment) -> bool:
        """Whether units leave from storage itself, without an output zone between."""
        return row.warehouse_storage == row.warehouse_output

    def outgoing(self, row: Shipment) -> list[Move]:
        """The moves to the customer, by product."""
        moves = self.store.moves_of((OUT, row.id))
        out = [move for move in moves if self.direct(row) or move.from_location == row.warehouse_output]
        return sorted(out, key=lambda move: (self.store.sku(move.product), move.id))

    def inventory(self, row: Shipment) -> list[Move]:
        """The moves that pick from storage, by product."""
        moves = [m for m in self.store.moves_of((OUT, row.id)) if m.to_location == row.warehouse_output]
        return sorted(moves, key=lambda m: (m.from_location or 0, self.store.sku(m.product), m.id))

    def assignable(self, row: Shipment) -> list[Move]:
        """The moves that units are held for."""
        return self.outgoing(row) if self.direct(row) else self.inventory(row)

    def partially_assigned(self, row: Shipment) -> bool:
        """Whether some of the moves hold their units while the shipment as a whole does not."""
        moves = [move for move in self.assignable(row) if needs_units(self.store, move)]
        return row.state is not S.ASSIGNED and any(move.state is MoveState.ASSIGNED for move in moves)

    def lines(self, row: Shipment) -> dict[str, float]:
        """Units by SKU that leave, or left, for the customer."""
        total: defaultdict[str, float] = defaultdict(float)
        for move in self.outgoing(row):
            if move.state is not MoveState.CANCELLED:
                total[self.store.sku(move.product)] += move.units
        return {sku: quantity for sku, quantity in total.items() if quantity}

    def tracking(self, row: Shipment) -> list[str]:
        """The tracking numbers on the shipment's parcels and on itself."""
        parcels = self.store.packages.by("shipment", (OUT, row.id))
        numbers = [parcel.shipping_reference for parcel in parcels] + [row.shipping_reference]
        return list(dict.fromkeys(number for number in numbers if number))

    def created(self, row: Shipment) -> None:
        """Tell the ledger of a new shipment."""
        self._tell("shipment_created", row, lines=self.lines(row))

    def changed(self, row: Shipment) -> None:
        """Tell the ledger that a shipment's lines were changed."""
        self._tell("shipment_changed", row, lines=self.lines(row))

    def removed(self, row: Shipment) -> None:
        """Delete a shipment that is a draft or cancelled."""
        if row.state not in (S.DRAFT, S.CANCELLED):
            raise Refusal(f'To delete shipment "{record_name(self.store, row)}" you must cancel it.')
        if row.state is S.DRAFT:
            self._tell("shipment_cancelled", row, lines=self.lines(row), was=row.state.value)
        remove_moves(self.store, self.store.moves_of((OUT, row.id)))
        self.store.shipments.remove(row)

    def let_go(self, row: Shipment, moves: list[int]) -> None:
        """The part-shipment dialogue's *Ignore*: set unassigned moves to nought and go on with the rest.

        Moves that are not named stay, and while any stays unassigned the shipment does too.
        """
        with self.store.transaction():
            for move in self.assignable(row):
                if move.id in moves and move.state is MoveState.DRAFT and needs_units(self.store, move):
                    self.store.moves.change(move, quantity=0.0)
            self._assign_if_served(row)

    def _move_on(self, row: Shipment, state: S, **values: object) -> None:
        self.store.shipments.change(row, state=state, **values)

    def _tell(self, kind: str, row: Shipment, **facts: object) -> None:
        self.store.record(kind, shipment=row.id, reference=row.reference, **facts)

    def _draft(self, row: Shipment, skip: bool) -> None:
        set_states(self.store, self.outgoing(row), MoveState.DRAFT)
        unused = (MoveState.DRAFT, MoveState.CANCELLED)
        remove_moves(self.store, [move for move in self._picking(row) if move.state in unused])
        self._move_on(row, S.DRAFT)

    def _wait(self, row: Shipment, skip: bool) -> None:
        unused = (MoveState.DRAFT, MoveState.CANCELLED)
        set_states(self.store, self._picking(row), MoveState.DRAFT)
        remove_moves(self.store, [move for move in self._picking(row) if move.state in unused])
        set_states(self.store, self.outgoing(row), MoveState.DRAFT)
        if not self.direct(row):
            for move in self.outgoing(row):
                if move.state not in (MoveState.CANCELLED, MoveState.DONE):
                    self._plan_picking(row, move)
        self._move_on(row, S.WAITING, number=row.number or self.store.number(OUT))

    def _picking(self, row: Shipment) -> list[Move]:
        return [] if self.direct(row) else self.inventory(row)

    def _plan_picking(self, row: Shipment, move: Move) -> None:
        picked = sum(
            other.units
            for other in self.store.moves.table.by("origin", ("stock.move", move.id))
            if other.state is not MoveState.CANCELLED
        )
        if (quantity := move.units - picked) > 0:
            split(
                self.store,
                move,
                quantity,
                origin=("stock.move", move.id),
                from_location=row.warehouse_storage,
                to_location=move.from_location,
                unit_price=None,
                currency=None,
            )

    def _assign_try(self, row: Shipment, skip: bool) -> None:
        if row.state is S.WAITING:
            assign_free(self.store, [m for m in self.assignable(row) if needs_units(self.store, m)])
            self._assign_if_served(row)

    def _assign_if_served(self, row: Shipment) -> None:
        moves = [move for move in self.assignable(row) if needs_units(self.store, move)]
        if row.state is S.WAITING and all(move.state is not MoveState.DRAFT for move in moves):
            self._assign(row)

    def _assign_force(self, row: Shipment, skip: bool) -> None:
        if row.state is S.WAITING:
            self._assign(row)

    def _assign(self, row: Shipment) -> None:
        set_states(self.store, self.assignable(row), MoveState.ASSIGNED)
        self._move_on(row, S.ASSIGNED)
        self._tell("shipment_assigned", row)

    def _pick(self, row: Shipment, skip: bool) -> None:
        remove_moves(
            self.store,
            [m for m in self.inventory(row) if not m.units and m.state is not MoveState.DONE],
        )
        set_states(self.store, self.inventory(row), MoveState.DONE)
        set_states(self.store, self.outgoing(row), MoveState.DRAFT)
        picked: defaultdict[int, float] = defaultdict(float)
        for move in self.inventory(row):
            if move.state is not MoveState.CANCELLED and move.origin:
                picked[move.origin[1]] += move.units
        for move in self.outgoing(row):
            if move.state is not MoveState.CANCELLED and move.units != picked[move.id]:
                self.store.moves.change(move, quantity=picked[move.id])
        self._move_on(row, S.PICKED)
        self._tell("shipment_picked", row, lines=self.lines(row))

    def _pack(self, row: Shipment, skip: bool) -> None:
        outgoing = self.outgoing(row)
        leaving = [move for move in outgoing if move.units]
        if not self.direct(row):
            compare_quantities(self.store, row, self.inventory(row), self.outgoing(row), skip)
        remove_moves(self.store, [m for m in outgoing if not m.units and m.state is MoveState.DRAFT])
        warn_without_origin(self.store, leaving, skip)
        set_states(self.store, leaving, MoveState.ASSIGNED)
        parcels = self.store.packages.by("shipment", (OUT, row.id))
        packed = sum(len(self.store.moves.table.by("package", parcel.id)) for parcel in parcels)
        active = [move for move in leaving if move.state is not MoveState.CANCELLED]
        if parcels and packed != len(active):
            name = record_name(self.store, row)
            raise Refusal(f'To process shipment "{name}", you must pack all its moves.')
        if not skip:
            raise Warned(f'The shipment "{record_name(self.store, row)}" does not have a carrier set.')
        self._move_on(row, S.PACKED)
        self._tell("shipment_packed", row, parcels=len(parcels), lines=self.lines(row))

    def _ship(self, row: Shipment, skip: bool) -> None:
        self._move_on(row, S.SHIPPED)
        self._tell("shipment_shipped", row, lines=self.lines(row), tracking=self.tracking(row))

    def _do(self, row: Shipment, skip: bool) -> None:
        warn_without_origin(self.store, self.outgoing(row), skip)
        if row.state is S.PACKED:
            self._tell("shipment_shipped", row, lines=self.lines(row), tracking=self.tracking(row))
        set_states(self.store, self.outgoing(row), MoveState.DONE)
        self._move_on(row, S.DONE, effective_date=row.effective_date or self.store.today())
        self._tell("shipment_done", row)

    def _cancel(self, row: Shipment, skip: bool) -> None:
        self._tell("shipment_cancelled", row, lines=self.lines(row), was=row.state.value)
        set_states(self.store, self.store.moves_of((OUT, row.id)), MoveState.CANCELLED)
        self._move_on(row, S.CANCELLED)
