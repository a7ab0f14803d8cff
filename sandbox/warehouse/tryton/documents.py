"""The fields of the papers that move stock, and of their moves and parcels."""

from datetime import timedelta

from sandbox.warehouse.assigning import needs_units
from sandbox.warehouse.rows import (
    CustomerReturn,
    Document,
    Inventory,
    InventoryLine,
    LocationType,
    Move,
    Package,
    Shipment,
    ShipmentState,
    Transfer,
)
from sandbox.warehouse.store import BACK, INTERNAL, OUT
from sandbox.warehouse.tryton.fields import Field, Kind, Look, computed, empty, many, of, one, several

_CLOSED = (ShipmentState.PACKED, ShipmentState.SHIPPED, ShipmentState.DONE, ShipmentState.CANCELLED)
_UNUSED = ("origin_planned_date", "volume", "volume_uom", "weight", "weight_uom", "internal_volume")
_COSTS = ("carrier", "cost", "cost_currency", "cost_used", "internal_weight")


def move() -> dict[str, Field]:
    """stock.move"""
    return {
        **several(Kind.FLOAT, "quantity"),
        **several(Kind.TEXT, "state"),
        **several(Kind.DATE, "planned_date", "effective_date"),
        **several(Kind.NUMERIC, "unit_price", "cost_price"),
        **several(Kind.REFERENCE, "shipment", "origin"),
        **one("product.product", "product"),
        **one("product.uom", "unit"),
        **one("stock.location", "from_location", "to_location"),
        **one("company.company", "company"),
        **one("currency.currency", "currency"),
        **one("stock.package", "package"),
        **many("outcome_moves", "stock.move", "origin", by_reference="stock.move"),
        **computed(Kind.FLOAT, "internal_quantity", of(Move, lambda _, row: row.units), search=True),
        **computed(
            Kind.TEXT, "from_location_name", of(Move, lambda look, row: _place(look, row.from_location))
        ),
        **computed(Kind.TEXT, "to_location_name", of(Move, lambda look, row: _place(look, row.to_location))),
        **computed(
            Kind.BOOLEAN,
            "assignation_required",
            of(Move, lambda look, row: needs_units(look.store, row)),
            search=True,
        ),
        **computed(Kind.BOOLEAN, "unit_price_required", of(Move, priced)),
        **empty(
            "delay", "origin_planned_date", "lot", "product_cost_price", "unit_price_company", "purchase"
        ),
        **empty("sale", "supplier", "internal_weight", "internal_volume", "shipment_out_cost_price"),
        **empty("unit_price_updated", "cost_price_required", value=False, kind=Kind.BOOLEAN),
        **empty("invoice_lines", value=(), kind=Kind.MANY),
    }


def priced(look: Look, row: Move) -> bool:
    """Whether the move needs a price: it goes to or comes from a customer or a supplier."""
    places = look.store.locations
    ends = tuple(places.one(end).type if end else None for end in (row.from_location, row.to_location))
    outside = (LocationType.CUSTOMER, LocationType.SUPPLIER)
    inside = LocationType.STORAGE
    return (ends[0] is inside and ends[1] in outside) or (ends[0] in outside and ends[1] is inside)


def _place(look: Look, location: int | None) -> str | None:
    return look.store.locations.one(location).name if location else None


def _document() -> dict[str, Field]:
    return {
        **several(Kind.TEXT, "number", "reference", "state"),
        **several(Kind.DATE, "planned_date", "effective_date"),
        **one("company.company", "company"),
        **computed(Kind.DURATION, "delay", of(Document, _delay)),
        **empty(*_UNUSED, *_COSTS),
        **empty("quality_inspections", value=(), kind=Kind.MANY),
    }


def _delay(look: Look, row: Document) -> timedelta | None:
    if row.planned_date is None:
        return None
    return (row.effective_date or row.planned_date) - row.planned_date


def _customer() -> dict[str, Field]:
    def location(look: Look, _: object) -> int:
        return look.store.location("CUS").id

    return {
        **one("party.party", "customer"),
        **one("stock.location", "warehouse", "warehouse_storage"),
        **computed(Kind.ONE, "customer_location", location, "stock.location"),
        **computed(Kind.TEXT, "origins", lambda _, __: ""),
    }


def shipment() -> dict[str, Field]:
    """stock.shipment.out"""
    moves = "stock.move"

    def outgoing(look: Look, row: Shipment) -> list[int]:
        return [move.id for move in look.warehouse.outbound.outgoing(row)]

    def picking(look: Look, row: Shipment) -> list[int]:
        return [move.id for move in look.warehouse.outbound.inventory(row)]

    def partial(look: Look, row: Shipment) -> bool:
        return look.warehouse.outbound.partially_assigned(row)

    return {
        **_document(),
        **_customer(),
        "state": Field(Kind.TEXT, of(Shipment, lambda _, row: row.called or row.state), "state"),
        **several(Kind.TEXT, "shipping_reference", "shipping_description"),
        **one("party.address", "delivery_address"),
        **one("stock.location", "warehouse_output"),
        **many("moves", moves, "shipment", by_reference=OUT),
        **many("packages", "stock.package", "shipment", by_reference=OUT),
        **many("root_packages", "stock.package", "shipment", by_reference=OUT),
        **computed(Kind.MANY, "outgoing_moves", of(Shipment, outgoing), moves, inverse="shipment"),
        **computed(Kind.MANY, "inventory_moves", of(Shipment, picking), moves, inverse="shipment"),
        **computed(Kind.BOOLEAN, "partially_assigned", of(Shipment, partial), search=True),
        **empty("has_shipping_service", "shipment_cost_readonly", value=False, kind=Kind.BOOLEAN),
        **empty("picked_by", "packed_by", "shipped_by", "done_by", "packages_volume", "packages_weight"),
    }


def customer_return() -> dict[str, Field]:
    """stock.shipment.out.return"""
    moves = "stock.move"

    def incoming(look: Look, row: CustomerReturn) -> list[int]:
        return [move.id for move in look.warehouse.inbound.incoming(row)]

    def putting_away(look: Look, row: CustomerReturn) -> list[int]:
        return [move.id for move in look.warehouse.inbound.inventory(row)]

    return {
        **_document(),
        **_customer(),
        **one("party.address", "contact_address"),
        **one("stock.location", "warehouse_input"),
        **many("moves", moves, "shipment", by_reference=BACK),
        **computed(Kind.MANY, "incoming_moves", of(CustomerReturn, incoming), moves, inverse="shipment"),
        **computed(Kind.MANY, "inventory_moves", of(CustomerReturn, putting_away), moves, inverse="shipment"),
        **empty("received_by", "done_by"),
    }


def transfer() -> dict[str, Field]:
    """stock.shipment.internal"""
    moves, place = "stock.move", "stock.location"

    def outgoing(look: Look, row: Transfer) -> list[int]:
        return [move.id for move in look.warehouse.transfers.outgoing(row)] if passes(look, row) else []

    def incoming(look: Look, row: Transfer) -> list[int]:
        return [move.id for move in look.warehouse.transfers.incoming(row)] if passes(look, row) else []

    def passes(look: Look, row: Transfer) -> int | None:
        return look.warehouse.transfers.transit(row)

    def partial(look: Look, row: Transfer) -> bool:
        return look.warehouse.transfers.partially_assigned(row)

    def origin(look: Look, row: Transfer) -> int | None:
        return look.warehouse.transfers.warehouse_of(row.from_location)

    def target(look: Look, row: Transfer) -> int | None:
        return look.warehouse.transfers.warehouse_of(row.to_location)

    return {
        **_document(),
        **several(Kind.DATE, "planned_start_date", "effective_start_date"),
        **several(Kind.TEXT, "shipping_reference"),
        **one(place, "from_location", "to_location"),
        **many("moves", moves, "shipment", by_reference=INTERNAL),
        **many("packages", "stock.package", "shipment", by_reference=INTERNAL),
        **computed(Kind.MANY, "outgoing_moves", of(Transfer, outgoing), moves, inverse="shipment"),
        **computed(Kind.MANY, "incoming_moves", of(Transfer, incoming), moves, inverse="shipment"),
        **computed(Kind.ONE, "transit_location", of(Transfer, passes), place),
        **computed(Kind.ONE, "warehouse", of(Transfer, origin), place),
        **computed(Kind.ONE, "to_warehouse", of(Transfer, target), place),
        **computed(Kind.BOOLEAN, "partially_assigned", of(Transfer, partial), search=True),
        **empty("assigned_by", "packed_by", "shipped_by", "done_by"),
    }


def inventory() -> dict[str, Field]:
    """stock.inventory"""
    return {
        **several(Kind.TEXT, "number", "state", "empty_quantity"),
        **several(Kind.DATE, "date"),
        **one("company.company", "company"),
        **one("stock.location", "location"),
        **many("lines", "stock.inventory.line", "inventory"),
    }


def inventory_line() -> dict[str, Field]:
    """stock.inventory.line"""

    def paper(look: Look, row: InventoryLine) -> Inventory:
        return look.store.inventories.one(row.inventory)

    def unit(look: Look, row: InventoryLine) -> int | None:
        product = look.store.products.one(row.product)
        return look.store.templates.one(product.template).default_uom

    return {
        **several(Kind.FLOAT, "quantity", "expected_quantity"),
        **one("stock.inventory", "inventory"),
        **one("product.product", "product"),
        **many("moves", "stock.move", "origin", by_reference="stock.inventory.line"),
        **computed(Kind.ONE, "unit", of(InventoryLine, unit), "product.uom"),
        **computed(
            Kind.ONE,
            "inventory_location",
            of(InventoryLine, lambda look, row: paper(look, row).location),
            "stock.location",
            search=True,
        ),
        **computed(
            Kind.DATE,
            "inventory_date",
            of(InventoryLine, lambda look, row: paper(look, row).date),
            search=True,
        ),
        **computed(Kind.TEXT, "inventory_state", of(InventoryLine, lambda look, row: paper(look, row).state)),
        **empty("lot", "quantity_variation", "cost_variation"),
    }


KILOGRAM = 2
"""The id of the unit in which the set-up weighs packages."""


def package() -> dict[str, Field]:
    """stock.package"""
    return {
        **several(Kind.TEXT, "number", "shipping_reference"),
        **several(Kind.REFERENCE, "shipment"),
        **one("company.company", "company"),
        **one("stock.package.type", "type"),
        **one("stock.package", "parent"),
        **many("moves", "stock.move", "package"),
        **computed(
            Kind.TEXT, "state", of(Package, lambda look, row: "closed" if closed(look, row) else "open")
        ),
        **empty("has_shipping_service", value=False, kind=Kind.BOOLEAN),
        **empty("weight", "total_weight", "volume", "total_volume", value=0.0, kind=Kind.FLOAT),
        **empty("length", "width", "height", "packaging_weight", "packaging_weight_uom", "additional_weight"),
        **empty("shipping_label", "shipping_label_mimetype", "shipping_tracking_url"),
        **computed(Kind.ONE, "weight_uom", lambda look, row: KILOGRAM, "product.uom"),
        **empty("children", value=(), kind=Kind.MANY),
    }


def closed(look: Look, row: Package) -> bool:
    """Whether the parcel can no longer be repacked, because its shipment is packed or further."""
    table = look.store.tables.get(row.shipment[0]) if row.shipment else None
    owner = table.get(row.shipment[1]) if table and row.shipment else None
    return isinstance(owner, Document) and owner.state in _CLOSED
