"""Tryton's JSON of customer returns, and of the places that their goods are put away in.

Source: trytond 8.2.1's models stock.shipment.out.return, stock.move and stock.location.
"""

from decimal import Decimal

import msgspec

from connectors.warehouse.tryton.payloads import Moment, MovedProduct


class Day(msgspec.Struct, frozen=True):
    """`{"__class__": "date", …}`."""

    year: int
    month: int
    day: int


class Spot(msgspec.Struct, frozen=True):
    """stock.location, with those above it as far as they were asked for."""

    id: int
    code: str | None = None
    type: str = ""
    parent: "Spot | None" = None


class BackMove(msgspec.Struct, frozen=True):
    """stock.move of a customer return; `origin` is `model,id`."""

    id: int
    product: MovedProduct
    to_location: Spot
    internal_quantity: Decimal = Decimal(0)
    state: str = ""
    origin: str | None = None
    effective_date: Day | None = None


class ComingBack(msgspec.Struct, frozen=True):
    """stock.shipment.out.return with its moves."""

    id: int
    state: str
    warehouse_input: int
    warehouse_storage: int
    reference: str | None = None
    create_date: Moment | None = None
    write_date: Moment | None = None
    incoming_moves: tuple[BackMove, ...] = ()
    inventory_moves: tuple[BackMove, ...] = ()
