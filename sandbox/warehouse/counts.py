"""Stocktakes: what was counted in a location, and the moves that make the books agree (stock.inventory)."""

from collections import Counter

from sandbox.warehouse.desk import Desk, Step
from sandbox.warehouse.names import record_name
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import Inventory, InventoryLine, Move, MoveState, ShipmentState
from sandbox.warehouse.store import COMPANY, Store

S = ShipmentState


class Counts(Desk[Inventory]):
    """The buttons of inventories."""

    model = "stock.inventory"

    def __init__(self, store: Store) -> None:
        super().__init__(store, store.inventories)
        self.steps: dict[str, Step[Inventory]] = {
            "confirm": self._confirm,
            "cancel": self._cancel,
            "complete_lines": self._complete,
        }

    def shown(self, row: Inventory, button: str) -> bool:
        return row.state is S.DRAFT

    def lines(self, row: Inventory) -> list[InventoryLine]:
        """The counted products."""
        return self.store.inventory_lines.by("inventory", row.id)

    def expect(self, row: Inventory) -> None:
        """Write what the books expect onto every line, as saving an inventory does."""
        for line in self.lines(row):
            expected = self.store.moves.quantity(line.product or 0, [row.location or 0], end=row.date)
            if line.expected_quantity != expected:
                self.store.inventory_lines.change(line, expected_quantity=expected)

    def _confirm(self, row: Inventory, skip: bool) -> None:
        lines = self.lines(row)
        repeated = [p for p, n in Counter(line.product for line in lines).items() if n > 1]
        if repeated:
            product = record_name(self.store, self.store.products.one(repeated[0]))
            name = record_name(self.store, row)
            raise Refusal(f'Inventory line "{product}" is not unique on inventory "{name}".')
        for line in lines:
            self._settle(row, line)
        self.store.inventories.change(row, state=S.DONE)

    def _settle(self, row: Inventory, line: InventoryLine) -> None:
        counted = self._counted(row, line)
        if counted is None or not (missing := line.expected_quantity - counted):
            return
        lost = self._lost_and_found(row)
        place = row.location or 0
        origin, target = (place, lost) if missing > 0 else (lost, place)
        product = self.store.products.one(line.product)
        move = self.store.moves.add(
            lambda i, t: Move(
                id=i,
                create_date=t,
                product=product.id,
                unit=self.store.templates.one(product.template).default_uom,
                quantity=abs(missing),
                from_location=origin,
                to_location=target,
                company=COMPANY,
                origin=("stock.inventory.line", line.id),
                effective_date=row.date,
                cost_price=product.cost_price,
            )
        )
        self.store.moves.change(move, state=MoveState.DONE)
        kind = "written_off" if missing > 0 else "received"
        self.store.record(kind, sku=self.store.sku(product.id), quantity=abs(missing))

    def _counted(self, row: Inventory, line: InventoryLine) -> float | None:
        if line.quantity is not None:
            return line.quantity
        if row.empty_quantity is None:
            name = record_name(self.store, row)
            raise Refusal(f'To confirm the inventory "{name}" you must select an option for empty quantity.')
        return 0.0 if row.empty_quantity == "empty" else None

    def _lost_and_found(self, row: Inventory) -> int:
        place = self.store.locations.one(row.location)
        above = place
        while above.lost_found_location is None:
            if above.parent is None:
                name = record_name(self.store, row)
                here = record_name(self.store, place)
                raise Refusal(
                    f'To confirm the inventory "{name}" you must set a lost and found '
                    f'on a parent of location "{here}".'
                )
            above = self.store.locations.one(above.parent)
        return above.lost_found_location

    def _complete(self, row: Inventory, skip: bool) -> None:
        self.expect(row)

    def _cancel(self, row: Inventory, skip: bool) -> None:
        self.store.inventories.change(row, state=S.CANCELLED)
