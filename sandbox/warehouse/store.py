"""The warehouse's books as a whole: its tables, its set-up, and what each record is called.

The set-up is that of a fresh installation with a company, the warehouse WH-MAIN, a second one WH-2 (which has
no place for lost and found units, so that it cannot be counted), one supplier and the customer CUS-1.
Effects reach the ledger only when the transaction that made them is kept.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Protocol

from sandbox.clock import Clock
from sandbox.warehouse.figures import Figures
from sandbox.warehouse.rows import (
    Address,
    Company,
    Contact,
    Country,
    Currency,
    CustomerReturn,
    Inventory,
    InventoryLine,
    Location,
    LocationType,
    Move,
    Named,
    Package,
    Party,
    Product,
    Ref,
    Row,
    Shipment,
    Template,
    Transfer,
    Unit,
)
from sandbox.warehouse.tables import Table, Undo

MAIN = "WH-MAIN"
SECOND = "WH-2"
COMPANY = 1
OUT = "stock.shipment.out"
BACK = "stock.shipment.out.return"
INTERNAL = "stock.shipment.internal"


class Book(Protocol):
    """What the books need of the sandbox's ledger."""

    def record(self, system: str, kind: str, **facts: object) -> object:
        """Write down one effect."""


class Store:
    """All tables, by model name in `tables` and by attribute, with one undo log."""

    def __init__(self, ledger: Book, clock: Clock) -> None:
        self.clock = clock
        self.undo = Undo()
        self._ledger = ledger
        self._pending: list[tuple[str, dict[str, object]]] = []
        self._numbers: Counter[str] = Counter()
        now, undo = clock.now, self.undo
        self.locations: Table[Location] = Table(now, undo, indexes=("code", "parent", "waste_warehouses"))
        self.countries: Table[Country] = Table(now, undo, indexes=("code",))
        self.currencies: Table[Currency] = Table(now, undo)
        self.units: Table[Unit] = Table(now, undo, indexes=("category",))
        self.unit_categories: Table[Named] = Table(now, undo)
        self.companies: Table[Company] = Table(now, undo)
        self.parties: Table[Party] = Table(now, undo, indexes=("code",), stamps=True)
        self.addresses: Table[Address] = Table(now, undo, indexes=("party",), stamps=True)
        self.contacts: Table[Contact] = Table(now, undo, indexes=("party",))
        self.templates: Table[Template] = Table(now, undo)
        self.products: Table[Product] = Table(now, undo, indexes=("code", "template"), stamps=True)
        self.shipments: Table[Shipment] = Table(now, undo, indexes=("reference", "number"), stamps=True)
        self.returns: Table[CustomerReturn] = Table(now, undo, indexes=("reference",), stamps=True)
        self.transfers: Table[Transfer] = Table(now, undo, indexes=("reference",), stamps=True)
        self.inventories: Table[Inventory] = Table(now, undo)
        self.inventory_lines: Table[InventoryLine] = Table(now, undo, indexes=("inventory",))
        self.packages: Table[Package] = Table(now, undo, indexes=("shipment", "shipping_reference"))
        self.package_types: Table[Named] = Table(now, undo)
        moves: Table[Move] = Table(now, undo, indexes=("shipment", "origin", "package"), stamps=True)
        self.moves = Figures(moves, undo, self.today)
        self.tables: dict[str, Table[Row]] = _by_model(self)

    def today(self) -> date:
        """The company's business day (its zone is UTC)."""
        return self.clock.now().date()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep the block's changes and tell the ledger about them, or keep nothing when it raises."""
        outermost = not self.undo.active
        try:
            with self.undo.transaction():
                yield
        except BaseException:
            if outermost:
                self._pending.clear()
            raise
        if outermost:
            pending, self._pending = self._pending, []
            for kind, facts in pending:
                self._ledger.record("warehouse", kind, **facts)

    def record(self, kind: str, **facts: object) -> None:
        """Tell the ledger of an effect, once it is kept."""
        if self.undo.active:
            self._pending.append((kind, facts))
        else:
            self._ledger.record("warehouse", kind, **facts)

    def number(self, sequence: str) -> str:
        """The next number of a sequence; a number is used up even when its transaction is not kept."""
        self._numbers[sequence] += 1
        return str(self._numbers[sequence])

    def location(self, code: str) -> Location:
        """The location with this code."""
        return self.locations.by("code", code)[0]

    def of_type(self, kind: LocationType) -> Location:
        """The first location of a type."""
        return next(place for place in self.locations.rows.values() if place.type is kind)

    def within(self, location: int) -> list[int]:
        """A location and all below it."""
        found = [location]
        for place in found:
            found.extend(child.id for child in self.locations.by("parent", place))
        return found

    def sku(self, product: int | None) -> str:
        """The SKU of a product; a product without a code is named by its id."""
        row = self.products.one(product)
        return row.code or f"product {row.id}"

    def moves_of(self, owner: Ref) -> list[Move]:
        """The moves of a shipment, oldest first."""
        return self.moves.table.by("shipment", owner)


def _by_model(store: Store) -> dict[str, Table[Row]]:
    tables: dict[str, object] = {
        "stock.location": store.locations,
        "country.country": store.countries,
        "currency.currency": store.currencies,
        "product.uom": store.units,
        "product.uom.category": store.unit_categories,
        "company.company": store.companies,
        "party.party": store.parties,
        "party.address": store.addresses,
        "party.contact_mechanism": store.contacts,
        "product.template": store.templates,
        "product.product": store.products,
        OUT: store.shipments,
        BACK: store.returns,
        INTERNAL: store.transfers,
        "stock.inventory": store.inventories,
        "stock.inventory.line": store.inventory_lines,
        "stock.package": store.packages,
        "stock.package.type": store.package_types,
        "stock.move": store.moves.table,
    }
    return {name: table for name, table in tables.items() if isinstance(table, Table)}
