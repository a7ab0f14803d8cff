"""The warehouse as its people see it: goods come in, orders are picked, packed and shipped.

Everything that people do here goes through the same buttons as the dialect's requests, and is told to the
ledger by the books themselves. People never work on drafts, they leave a shipment alone while nothing of it
is there, and they hand over only parcels that carry a tracking number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from sandbox.clock import Clock
from sandbox.warehouse import foundation
from sandbox.warehouse.assigning import needs_units, split
from sandbox.warehouse.counts import Counts
from sandbox.warehouse.desk import Buttons
from sandbox.warehouse.dock import Dock
from sandbox.warehouse.inbound import Inbound
from sandbox.warehouse.outbound import Outbound
from sandbox.warehouse.rows import (
    LocationType,
    Move,
    MoveState,
    Named,
    Package,
    Product,
    Row,
    Shipment,
    ShipmentState,
    Template,
)
from sandbox.warehouse.store import COMPANY, MAIN, OUT, Book, Store
from sandbox.warehouse.transfers import Transfers

S = ShipmentState
_PATH = (S.WAITING, S.ASSIGNED, S.PICKED, S.PACKED, S.SHIPPED, S.DONE)
_CLOSED = (S.DONE, S.CANCELLED)


@dataclass(frozen=True, slots=True)
class OpenShipment:
    """A shipment that is neither done nor cancelled, with the units that it asks for by SKU."""

    id: int
    reference: str | None
    state: str
    lines: dict[str, float]
    tracking: tuple[str, ...]
    parcels: int


class Warehouse:
    """One company's warehouses. `random` decides only how people pack."""

    def __init__(self, ledger: Book, clock: Clock | None = None, random: Random | None = None) -> None:
        self.clock = clock or Clock()
        self.random = random or Random(0)
        self.store = Store(ledger, self.clock)
        self.outbound = Outbound(self.store)
        self.inbound = Inbound(self.store)
        self.dock = Dock(self.store, self.inbound)
        self.transfers = Transfers(self.store)
        self.counts = Counts(self.store)
        self.desks: dict[str, Buttons] = {
            desk.model: desk for desk in (self.outbound, self.inbound, self.transfers, self.counts)
        }
        self.locked_tries = 0
        self.sorted_tables: dict[str, tuple[int, list[Row]]] = {}
        foundation.lay(self.store)

    def lock_rows(self, tries: int) -> None:
        """Let the next so many `assign_try` requests find their rows locked by someone else."""
        self.locked_tries = tries

    def add_product(self, sku: str, name: str) -> int:
        """Take a product into the books; returns its id. Its stock is nought."""
        template = self.store.templates.insert(
            lambda i, t: Template(id=i, create_date=t, name=name, default_uom=1)
        )
        product = self.store.products.insert(
            lambda i, t: Product(id=i, create_date=t, template=template.id, suffix_code=sku, code=sku)
        )
        return product.id

    def receive(self, sku: str, quantity: int, *, warehouse: str = MAIN) -> None:
        """Put units that a supplier brought into storage."""
        product = self._product(sku)
        source = self.store.of_type(LocationType.SUPPLIER).id
        target = self.store.location(warehouse).storage_location
        today = self.store.today()
        self.store.moves.add(
            lambda i, t: Move(
                id=i,
                create_date=t,
                product=product.id,
                unit=1,
                quantity=float(quantity),
                from_location=source,
                to_location=target,
                company=COMPANY,
                state=MoveState.DONE,
                effective_date=today,
            )
        )
        self.store.record("received", sku=sku, quantity=quantity)

    def stock(self, warehouse: str = MAIN) -> dict[str, int]:
        """Units by SKU that lie in one warehouse, picked and packed ones included."""
        places = self.store.within(self.store.location(warehouse).id)
        return {
            product.code: round(self.store.moves.quantity(product.id, places))
            for product in self.store.products.rows.values()
            if product.code
        }

    def stored(self, sku: str, *, warehouse: str = MAIN) -> int | None:
        """Units of a SKU in one warehouse's storage, held ones included; None for an unknown SKU."""
        storage = self.store.location(warehouse).storage_location or 0
        found = self.store.products.by("code", sku)
        return round(self.store.moves.quantity(found[0].id, [storage])) if found else None

    def free(self, sku: str) -> int:
        """Units of a SKU in the main warehouse's storage that no shipment holds."""
        storage = self.store.location(MAIN).storage_location or 0
        return round(self.store.moves.free(self._product(sku).id, storage))

    def shipments(self) -> list[OpenShipment]:
        """All outbound shipments, oldest first."""
        return [self._view(row) for row in self.store.shipments.rows.values()]

    def open_shipments(self) -> list[OpenShipment]:
        """The outbound shipments that are neither done nor cancelled, drafts included, oldest first."""
        return [self._view(row) for row in self.store.shipments.rows.values() if row.state not in _CLOSED]

    def find(self, reference: str) -> list[int]:
        """The ids of the shipments with this reference; there can be several."""
        return [row.id for row in self.store.shipments.by("reference", reference)]

    def state(self) -> dict[str, object]:
        """The books in short, as JSON can hold them."""
        shipments = [
            {
                "id": view.id,
                "reference": view.reference,
                "state": view.state,
                "lines": view.lines,
                "tracking": list(view.tracking),
                "parcels": view.parcels,
            }
            for view in self.shipments()
        ]
        return {"stock": self.stock(), "shipments": shipments, "returns": self.returns()}

    def returns(self) -> list[dict[str, object]]:
        """The customer returns, oldest first: units that are expected or came, and by place where they were put."""
        return [
            {
                "id": row.id,
                "reference": row.reference,
                "state": row.state.value,
                "lines": self.inbound.units(row),
                "places": self.inbound.places(row),
            }
            for row in self.store.returns.rows.values()
        ]

    def call(self, shipment: int, state: str | None) -> None:
        """Let the dialect show another state than the shipment's, as a module of the house may; None: its own."""
        self.store.shipments.change(self.store.shipments.one(shipment), called=state)

    def cancel(self, shipment: int) -> None:
        """Cancel a shipment by hand, in whatever state it is; its units go back to stock."""
        self.outbound.press(self.store.shipments.one(shipment), "cancel")

    def work(
        self,
        shipment: int,
        until: str = "done",
        *,
        parcels: int | None = None,
        part: bool = True,
        unlabelled: bool = False,
    ) -> str:
        """Move a shipment on as far as `until` (assigned, picked, packed, shipped, done); returns its state.

        When units are short, what is there goes on without the rest (`part`), and when nothing is there the
        shipment stays waiting. Packing makes one parcel, now and then two, or `parcels`. Without a tracking
        number on every parcel a packed shipment stays packed, unless `unlabelled`.
        """
        row = self.store.shipments.one(shipment)
        goal = _PATH.index(S(until))
        while row.state in _PATH and _PATH.index(row.state) < goal:
            if not self._step(row, parcels, part, unlabelled):
                break
        return row.state.value

    def _step(self, row: Shipment, parcels: int | None, part: bool, unlabelled: bool) -> bool:
        match row.state:
            case S.WAITING:
                self.outbound.press(row, "assign_try")
                if part and self.outbound.partially_assigned(row):
                    self.outbound.let_go(row, [move.id for move in self._missing(row)])
                return row.state is not S.WAITING
            case S.ASSIGNED:
                self.outbound.press(row, "pack" if self.outbound.direct(row) else "pick")
            case S.PICKED:
                self._pack(row, parcels)
            case S.PACKED if unlabelled or self._labelled(row):
                self.outbound.press(row, "ship")
            case S.SHIPPED:
                self.outbound.press(row, "do")
            case _:
                return False
        return True

    def _missing(self, row: Shipment) -> Iterable[Move]:
        moves = [move for move in self.outbound.assignable(row) if needs_units(self.store, move)]
        return [move for move in moves if move.state is MoveState.DRAFT]

    def _pack(self, row: Shipment, parcels: int | None) -> None:
        with self.store.transaction():
            moves = [m for m in self.outbound.outgoing(row) if m.units and m.state is MoveState.DRAFT]
            loose = [move for move in moves if move.package is None]
            units = sum(move.units for move in loose)
            wanted = parcels or (2 if units > 1 and self.random.random() < 0.25 else 1)
            if loose:
                for group in self._share_out(loose, wanted):
                    self._box(row, group)
            self.outbound.press(row, "pack")

    def _share_out(self, moves: list[Move], wanted: int) -> list[list[Move]]:
        moves = list(moves)
        while len(moves) < wanted:
            largest = max(moves, key=lambda move: move.units)
            if largest.units < 2:
                break
            half = largest.units // 2
            self.store.moves.change(largest, quantity=largest.units - half)
            moves.append(split(self.store, largest, half))
        return [group for n in range(wanted) if (group := moves[n::wanted])]

    def _box(self, row: Shipment, moves: list[Move]) -> None:
        types = self.store.package_types
        kind = next(iter(types.rows.values()), None) or types.insert(
            lambda i, t: Named(id=i, create_date=t, name="Box")
        )
        package = self.store.packages.insert(
            lambda i, t: Package(
                id=i,
                create_date=t,
                company=COMPANY,
                type=kind.id,
                number=self.store.number("stock.package"),
                shipment=(OUT, row.id),
            )
        )
        for move in moves:
            self.store.moves.change(move, package=package.id)

    def _labelled(self, row: Shipment) -> bool:
        packages = self.store.packages.by("shipment", (OUT, row.id))
        if not packages:
            return bool(row.shipping_reference)
        return all(package.shipping_reference for package in packages)

    def _view(self, row: Shipment) -> OpenShipment:
        return OpenShipment(
            id=row.id,
            reference=row.reference,
            state=row.state.value,
            lines=self.outbound.lines(row),
            tracking=tuple(self.outbound.tracking(row)),
            parcels=len(self.store.packages.by("shipment", (OUT, row.id))),
        )

    def _product(self, sku: str) -> Product:
        found = self.store.products.by("code", sku)
        if not found:
            raise KeyError(sku)
        return found[0]
