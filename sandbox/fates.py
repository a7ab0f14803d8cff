"""What becomes of parcels and goods outside the systems: journeys of parcels, and broken stock.

Statuses are the courier dialect's own words.
"""

from dataclasses import dataclass

from sandbox.courier.books import Courier
from sandbox.warehouse.books import Warehouse
from sandbox.warehouse.rows import Inventory, InventoryLine
from sandbox.warehouse.store import COMPANY, MAIN

ENDED = frozenset({"delivered", "return_to_sender", "cancelled", "on_hold"})
"""Statuses after which nothing more is to come from a parcel of this world (on_hold: it is lost)."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan, so many seconds after the one before."""

    after: float
    status: str
    description: str
    reason: str | None = None


_BEGIN = (Scan(0.5, "picked_up", "Collected"), Scan(1.0, "in_transit", "In transit"))
_OUT = Scan(1.0, "out_for_delivery", "Out for delivery")
_DELIVERED = Scan(1.0, "delivered", "Delivered")

USUAL = (*_BEGIN, _OUT, _DELIVERED)
REFUSED = (
    *_BEGIN,
    _OUT,
    Scan(1.0, "delivery_failed", "Refused by the consignee", "consignee_refused"),
    Scan(1.0, "return_to_sender", "Returned to the sender"),
)
LOST = (*_BEGIN, Scan(3.0, "on_hold", "The parcel is lost"))
STUCK = (*_BEGIN, Scan(6.0, "delivery_delayed", "Delayed at the depot"), Scan(6.0, "delivered", "Delivered"))
RETURNING = (*_BEGIN, Scan(1.0, "return_to_sender", "Address not found, returning to the sender"))

_ODD = {3: REFUSED, 6: LOST, 9: STUCK, 12: RETURNING}


def journey(number: int) -> tuple[Scan, ...]:
    """The scans of the number-th parcel of a run: one is refused, one lost, one stuck, one returning."""
    return _ODD.get(number, USUAL)


def known(courier: Courier, tracking: str) -> bool:
    """Whether the courier has a parcel of this number."""
    return tracking in courier.parcels()


def count(warehouse: Warehouse, sku: str, units: int, place: str = MAIN) -> None:
    """Take stock of one SKU in storage: the books are then right, and what is missing is written off."""
    store = warehouse.store
    (product,) = store.products.by("code", sku)
    storage = store.location(place).storage_location
    today = store.today()
    with store.transaction():
        inventory = store.inventories.insert(
            lambda i, t: Inventory(
                id=i, create_date=t, company=COMPANY, location=storage, date=today, empty_quantity="keep"
            )
        )
        store.inventory_lines.insert(
            lambda i, t: InventoryLine(
                id=i, create_date=t, inventory=inventory.id, product=product.id, quantity=float(units)
            )
        )
        warehouse.counts.expect(inventory)
        warehouse.counts.press(inventory, "confirm")
