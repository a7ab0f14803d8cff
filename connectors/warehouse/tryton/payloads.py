"""Tryton's JSON: records as they are read, and the wrapped forms in which it writes dates and decimals.

Source: trytond 8.2.1, as it answered. Numbers are decoded to Decimal from their own text, never by way of a
float. Fields that are not named here are ignored.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar, Union

import msgspec

from connectors.contract import BadAnswer
from connectors.transport import decode

Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]  # noqa: UP007
"""What can be sent."""
Domain = Sequence[Json]
"""A condition in Tryton's form: a list of [field, operator, value]."""

T = TypeVar("T")


class Moment(msgspec.Struct, frozen=True):
    """`{"__class__": "datetime", …}`: UTC without a zone."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    microsecond: int = 0

    def at(self) -> datetime:
        """As an aware time; BadAnswer where the calendar has no such moment."""
        clock = (self.hour, self.minute, self.second, self.microsecond)
        try:
            return datetime(self.year, self.month, self.day, *clock, tzinfo=UTC)
        except ValueError as error:
            raise BadAnswer("a time of Tryton is not in the calendar") from error


class Figure(msgspec.Struct, frozen=True):
    """`{"__class__": "Decimal", "decimal": "10.00"}`."""

    decimal: Decimal


class Ref(msgspec.Struct, frozen=True):
    """Any record, by its id."""

    id: int


class Product(msgspec.Struct, frozen=True):
    """product.product. `quantity` is null where the context named no location."""

    id: int
    code: str | None = None
    quantity: Decimal | None = None
    default_uom: int | None = None
    list_price: Figure | None = None
    cost_price: Figure | None = None


class MovedProduct(msgspec.Struct, frozen=True):
    """The product of a move."""

    id: int
    code: str | None = None


class Move(msgspec.Struct, frozen=True):
    """stock.move inside a shipment or package; the quantity is in the product's own unit."""

    id: int
    product: MovedProduct
    internal_quantity: Decimal = Decimal(0)
    state: str = ""


class Unit(msgspec.Struct, frozen=True):
    """product.uom: `factor` makes kilograms of a weight."""

    id: int
    factor: Decimal = Decimal(1)


class Package(msgspec.Struct, frozen=True):
    """stock.package: `parent` is the id of the package around it."""

    id: int
    number: str | None = None
    parent: int | None = None
    shipping_reference: str | None = None
    total_weight: Decimal | None = None
    weight_uom: Unit | None = None
    moves: tuple[Move, ...] = ()


class Shipment(msgspec.Struct, frozen=True):
    """stock.shipment.out."""

    id: int
    state: str
    number: str | None = None
    reference: str | None = None
    partially_assigned: bool | int = False
    shipping_reference: str | None = None
    create_date: Moment | None = None
    write_date: Moment | None = None
    effective_date: Moment | None = None
    outgoing_moves: tuple[Move, ...] = ()
    inventory_moves: tuple[Move, ...] = ()
    packages: tuple[Package, ...] = ()


class Incoming(msgspec.Struct, frozen=True):
    """stock.shipment.in, and as far as a record is looked up all that bear a reference."""

    id: int
    state: str
    reference: str | None = None
    create_date: Moment | None = None
    write_date: Moment | None = None
    incoming_moves: tuple[Move, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """A location named by its code."""

    id: int
    code: str | None = None
    name: str | None = None


class Inventory(msgspec.Struct, frozen=True):
    """stock.inventory: a stocktake of one location."""

    id: int
    state: str
    location: Place
    empty_quantity: str | None = None
    create_date: Moment | None = None
    write_date: Moment | None = None
    lines: tuple["InventoryLine", ...] = ()


class InventoryLine(msgspec.Struct, frozen=True):
    """stock.inventory.line: `quantity` is null where nobody counted."""

    id: int
    product: MovedProduct
    quantity: Decimal | None = None
    expected_quantity: Decimal = Decimal(0)


class Internal(msgspec.Struct, frozen=True):
    """stock.shipment.internal."""

    id: int
    state: str


class ChangedMove(msgspec.Struct, frozen=True):
    """stock.move in the feed of changes."""

    id: int
    product: int


class Company(msgspec.Struct, frozen=True):
    """company.company."""

    id: int
    currency: int
    create_date: Moment | None = None


class Warehouse(msgspec.Struct, frozen=True):
    """stock.location of type warehouse."""

    id: int
    storage_location: int
    output_location: int
    input_location: int
    picking_location: int | None = None


class Party(msgspec.Struct, frozen=True):
    """party.party."""

    id: int
    customer_location: int | None = None
    supplier_location: int | None = None


class PartyAddress(msgspec.Struct, frozen=True):
    """party.address, as far as two of them are compared."""

    id: int
    party_name: str | None = None
    attn: str | None = None
    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: int | None = None


class PackageOwner(msgspec.Struct, frozen=True):
    """stock.package with its shipment as `model,id`."""

    id: int
    shipment: str | None = None
    shipping_reference: str | None = None


class Complaint(msgspec.Struct, frozen=True):
    """The body of a 400. Its message names people and addresses: it is not for logs."""

    message: str = ""


def raw_rows(body: bytes) -> list[msgspec.Raw]:
    """The records of a search, undecoded, so that a bad one loses no other. BadAnswer if no list."""
    try:
        return decode(body, type=list[msgspec.Raw])
    except msgspec.MsgspecError as error:
        raise BadAnswer("Tryton's answer is not a list of records", sample=body) from error


def decoded(body: bytes | msgspec.Raw, shape: type[T]) -> T:
    """One record. BadAnswer, in our words, where it does not fit."""
    try:
        return decode(body, type=shape)
    except (msgspec.MsgspecError, ValueError) as error:
        what = f"a record of Tryton does not fit {shape.__name__}"
        raise BadAnswer(what, sample=bytes(body)) from error


def last_id(found: Sequence[msgspec.Raw]) -> int:
    """Where a page in the order of ids goes on: after its last record whose id can be read.

    What stands behind that one comes again with the next page, so none is passed over. BadAnswer where no
    record shows an id.
    """
    for row in reversed(found[1:]):
        with suppress(BadAnswer):
            return decoded(row, Ref).id
    return decoded(found[0], Ref).id


def rows(body: bytes, shape: type[T]) -> list[T]:
    """All records of a search; one that does not fit is a BadAnswer."""
    return [decoded(row, shape) for row in raw_rows(body)]


def wrapped_date(day: date) -> Json:
    """A date in Tryton's form."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def wrapped_moment(at: datetime) -> Json:
    """An aware time in Tryton's form, which is UTC."""
    utc = at.astimezone(UTC)
    return {
        "__class__": "datetime",
        "year": utc.year,
        "month": utc.month,
        "day": utc.day,
        "hour": utc.hour,
        "minute": utc.minute,
        "second": utc.second,
        "microsecond": utc.microsecond,
    }


def wrapped_decimal(number: Decimal) -> Json:
    """A decimal in Tryton's form."""
    return {"__class__": "Decimal", "decimal": str(number)}
