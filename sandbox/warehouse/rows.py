"""The records of the warehouse's books: one class per kind, with the field names of the system they play.

Times are aware UTC. `write_date` is null until a record is changed for the first time, except for the kinds
that compute a stored field while they are created. References across kinds are (model, id) pairs.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Ref = tuple[str, int]
Day = date


class LocationType(StrEnum):
    """What a location stands for; only storage holds the company's own units."""

    STORAGE = "storage"
    WAREHOUSE = "warehouse"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    LOST_FOUND = "lost_found"


class MoveState(StrEnum):
    """Draft counts in forecasts, assigned is held for its shipment, done has happened."""

    DRAFT = "draft"
    ASSIGNED = "assigned"
    DONE = "done"
    CANCELLED = "cancelled"


class ShipmentState(StrEnum):
    """The states of outbound shipments, internal shipments, customer returns and inventories."""

    REQUEST = "request"
    DRAFT = "draft"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    PICKED = "picked"
    PACKED = "packed"
    SHIPPED = "shipped"
    RECEIVED = "received"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(slots=True, kw_only=True)
class Row:
    """What every record has."""

    id: int
    create_date: datetime
    write_date: datetime | None = None

    @property
    def last_modified_at(self) -> datetime:
        """The later of the two dates."""
        return self.write_date or self.create_date


@dataclass(slots=True, kw_only=True)
class Location(Row):
    """A place; a warehouse points to its zones, which are its children.

    `waste_warehouses` is the warehouse whose waste goes there: here a place takes that of one only.
    """

    name: str
    type: LocationType
    code: str | None = None
    parent: int | None = None
    storage_location: int | None = None
    input_location: int | None = None
    output_location: int | None = None
    lost_found_location: int | None = None
    picking_location: int | None = None
    waste_warehouses: int | None = None
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Named(Row):
    """A record that is little more than a name: unit categories, package types."""

    name: str | None = None
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Country(Named):
    """A country by its two-letter code."""

    code: str | None = None


@dataclass(slots=True, kw_only=True)
class Currency(Named):
    """A currency; the company's own is the only one until more are made."""

    code: str | None = None
    symbol: str | None = None
    digits: int = 2
    rounding: Decimal = Decimal("0.01")


@dataclass(slots=True, kw_only=True)
class Unit(Named):
    """A unit of measure; `digits` decimals are allowed in quantities."""

    symbol: str = ""
    category: int = 1
    digits: int = 0
    rounding: float = 1.0
    factor: float = 1.0
    rate: float = 1.0


@dataclass(slots=True, kw_only=True)
class Company(Row):
    """The company that owns the stock."""

    party: int
    currency: int
    timezone: str | None = None


@dataclass(slots=True, kw_only=True)
class Party(Named):
    """A customer, a supplier or the company itself."""

    code: str | None = None


@dataclass(slots=True, kw_only=True)
class Address(Row):
    """A postal address of a party."""

    party: int | None = None
    party_name: str | None = None
    attn: str | None = None
    building_name: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: int | None = None
    sequence: int | None = None
    active: bool = True
    delivery: bool = False
    invoice: bool = False


@dataclass(slots=True, kw_only=True)
class Contact(Row):
    """A way to reach a party: a phone, a mail address and so on."""

    party: int | None = None
    type: str = "phone"
    value: str | None = None
    name: str | None = None
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Template(Named):
    """What the variants of a product share."""

    code: str | None = None
    type: str = "goods"
    default_uom: int | None = None
    list_price: Decimal | None = None
    salable: bool = False
    purchasable: bool = False
    consumable: bool = False


@dataclass(slots=True, kw_only=True)
class Product(Row):
    """A variant; its `code` (template's code and suffix together) is the SKU."""

    template: int | None = None
    suffix_code: str | None = None
    code: str | None = None
    list_price: Decimal | None = None  # its own; else the template's counts
    cost_price: Decimal | None = None
    description: str | None = None
    active: bool = True


@dataclass(slots=True, kw_only=True)
class Move(Row):
    """Units of one product that go, or went, from one location to another."""

    product: int | None = None
    unit: int | None = None
    quantity: float | None = None
    from_location: int | None = None
    to_location: int | None = None
    company: int | None = None
    state: MoveState = MoveState.DRAFT
    shipment: Ref | None = None
    origin: Ref | None = None
    package: int | None = None
    planned_date: date | None = None
    effective_date: date | None = None
    unit_price: Decimal | None = None
    currency: int | None = None
    cost_price: Decimal | None = None

    @property
    def units(self) -> float:
        """The quantity, with an absent one read as none."""
        return self.quantity or 0.0


@dataclass(slots=True, kw_only=True)
class Document(Row):
    """What all papers have that move stock."""

    company: int | None = None
    number: str | None = None
    reference: str | None = None
    state: ShipmentState = ShipmentState.DRAFT
    planned_date: date | None = None
    effective_date: date | None = None


@dataclass(slots=True, kw_only=True)
class Shipment(Document):
    """An outbound shipment: inventory moves pick from storage, outgoing moves leave for the customer."""

    customer: int | None = None
    delivery_address: int | None = None
    warehouse: int | None = None
    warehouse_storage: int | None = None
    warehouse_output: int | None = None
    shipping_reference: str | None = None
    shipping_description: str | None = None
    called: str | None = None
    """What the house calls its state, where a module of its own has added states."""


@dataclass(slots=True, kw_only=True)
class CustomerReturn(Document):
    """Units that come back: incoming moves arrive, inventory moves put them away."""

    customer: int | None = None
    contact_address: int | None = None
    warehouse: int | None = None
    warehouse_storage: int | None = None
    warehouse_input: int | None = None


@dataclass(slots=True, kw_only=True)
class Transfer(Document):
    """An internal shipment; between warehouses it passes through the transit location."""

    from_location: int | None = None
    to_location: int | None = None
    planned_start_date: date | None = None
    effective_start_date: date | None = None
    shipping_reference: str | None = None


@dataclass(slots=True, kw_only=True)
class Inventory(Row):
    """A stocktake of one location."""

    company: int | None = None
    number: str | None = None
    location: int | None = None
    date: Day | None = None
    empty_quantity: str | None = None
    state: ShipmentState = ShipmentState.DRAFT


@dataclass(slots=True, kw_only=True)
class InventoryLine(Row):
    """One counted product; a null quantity was not counted."""

    inventory: int | None = None
    product: int | None = None
    expected_quantity: float = 0.0
    quantity: float | None = None


@dataclass(slots=True, kw_only=True)
class Package(Row):
    """A parcel of a shipment; `shipping_reference` is its tracking number."""

    company: int | None = None
    number: str | None = None
    type: int | None = None
    shipment: Ref | None = None
    shipping_reference: str | None = None
    parent: int | None = None
