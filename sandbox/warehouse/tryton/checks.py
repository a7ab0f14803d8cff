"""What the real system demands of a record before it is kept, in its own words."""

from decimal import Decimal

from sandbox.warehouse.names import field_label, model_label, record_name
from sandbox.warehouse.refusals import Refusal
from sandbox.warehouse.rows import (
    CustomerReturn,
    Document,
    Inventory,
    InventoryLine,
    Move,
    MoveState,
    Package,
    Party,
    Product,
    Row,
    Shipment,
    ShipmentState,
    Template,
    Transfer,
)
from sandbox.warehouse.store import BACK, INTERNAL, OUT
from sandbox.warehouse.tryton.documents import closed, priced
from sandbox.warehouse.tryton.fields import Kind, Look
from sandbox.warehouse.tryton.schema import MODELS

_REQUIRED: dict[str, tuple[str, ...]] = {
    OUT: ("company", "customer", "delivery_address", "warehouse", "warehouse_storage", "warehouse_output"),
    BACK: ("company", "customer", "warehouse", "warehouse_storage", "warehouse_input"),
    INTERNAL: ("company", "from_location", "to_location"),
    "stock.move": ("product", "unit", "quantity", "from_location", "to_location", "company"),
    "stock.inventory": ("company", "location", "date"),
    "stock.inventory.line": ("product", "inventory"),
    "stock.package": ("type", "company"),
    "stock.package.type": ("name",),
    "stock.location": ("name", "type"),
    "party.address": ("party",),
    "party.contact_mechanism": ("party", "type"),
    "product.template": ("name", "default_uom"),
    "product.product": ("template",),
}
_FIXED: dict[str, tuple[str, ...]] = {
    OUT: (
        *("company", "customer", "delivery_address", "warehouse", "warehouse_storage", "warehouse_output"),
        *("planned_date", "outgoing_moves", "inventory_moves", "moves"),
    ),
    BACK: (
        "company",
        "customer",
        "warehouse",
        "warehouse_storage",
        "warehouse_input",
        "incoming_moves",
        "moves",
    ),
    INTERNAL: ("company", "from_location", "to_location", "planned_date", "planned_start_date", "moves"),
    "stock.inventory": ("company", "location", "date", "lines", "empty_quantity"),
    "stock.move": ("product", "unit", "quantity", "from_location", "to_location", "company", "planned_date"),
    "stock.package": ("type", "shipment", "moves", "parent"),
}
_CLOSED_TO_ALL = ("country.country", "currency.currency", "company.company", "product.uom.category")
_FREE = (ShipmentState.DRAFT, ShipmentState.REQUEST)


def may_write(model: str) -> None:
    """Refuse models that the dialect's user may only read."""
    if model in _CLOSED_TO_ALL:
        raise Refusal(
            f'You are not allowed to access "{model_label(model)}".',
            "Within groups: Party Administration, Product Administration, Stock, Stock Administration",
        )


def may_change(look: Look, model: str, row: Row, names: list[str]) -> None:
    """Refuse a change of fields that the record's state has fixed."""
    fixed = _FIXED.get(model, ())
    wanted = [name for name in names if name in fixed]
    if wanted and _is_fixed(look, row):
        raise Refusal(
            f'You are not allowed to modify the field "{field_label(wanted[0])}" in record '
            f'"{record_name(look.store, row)}" of "{model_label(model)}".'
        )


def _is_fixed(look: Look, row: Row) -> bool:
    if isinstance(row, Move):
        return row.state is not MoveState.DRAFT
    if isinstance(row, Document | Inventory):
        return row.state not in _FREE
    return isinstance(row, Package) and closed(look, row)


def links_exist(look: Look, model: str, values: dict[str, object]) -> None:
    """Refuse links to records that are not there."""
    for name, value in values.items():
        field = MODELS[model].get(name)
        if field is None or field.kind is not Kind.ONE or value is None:
            continue
        if not isinstance(value, int) or look.store.tables[str(field.target)].get(value) is None:
            label = model_label(str(field.target))
            raise Refusal(f'You are trying to read records "{value}" of "{label}" that don\'t exist.')


def sound(look: Look, model: str, row: Row) -> None:
    """Refuse a record that lacks something or contradicts itself."""
    for name in _REQUIRED.get(model, ()):
        if getattr(row, name) is None:
            _missing(look, model, row, name)
    match row:
        case Move():
            _sound_move(look, row)
        case Shipment():
            _sound_shipment(look, row)
        case CustomerReturn():
            ends = [move for move in look.store.moves_of((BACK, row.id)) if not _returns(look, row, move)]
            _within_domain(look, model, row, ends)
        case Transfer() if look.warehouse.transfers.transit(row) and row.planned_date:
            if row.planned_start_date is None:
                _missing(look, model, row, "planned_start_date")
        case InventoryLine() if row.quantity is not None and row.quantity < 0:
            raise Refusal("Inventory line quantity must be positive.")
        case Party():
            if sum(1 for _ in look.store.parties.by("code", row.code)) > 1:
                raise Refusal("The code on party must be unique.")
        case Product() | Template():
            _sound_codes(look, row)


def _missing(look: Look, model: str, row: Row, name: str) -> None:
    known = not isinstance(row, Move) or (row.product and row.unit and row.quantity is not None)
    called = record_name(look.store, row) if known else str(row.id)
    raise Refusal(
        f'A value is required for field "{field_label(name)}" in record "{called}" of "{model_label(model)}".'
    )


def _sound_move(look: Look, row: Move) -> None:
    called = record_name(look.store, row)
    where = f'in record "{called}" of "Stock Move"'
    if row.units < 0:
        raise Refusal(
            f'The value "{row.units}" for field "Quantity" {where} is not valid according to its domain.'
        )
    digits = look.store.units.one(row.unit).digits
    if round(row.units, digits) != row.units:
        raise Refusal(
            f'The number of digits in the value "\'{row.units}\'" for field "Quantity" {where} '
            f'exceeds the limit of "(None, {digits})".'
        )
    if row.unit_price is not None and round(row.unit_price, 4) != Decimal(row.unit_price):
        raise Refusal(
            f'The number of digits in the value "\'{row.unit_price}\'" for field "Unit Price" {where} '
            'exceeds the limit of "(None, 4)".'
        )
    if row.from_location == row.to_location:
        raise Refusal("The source and destination of stock move must be different.")
    for name in ("unit_price", "currency"):
        value = getattr(row, name)
        if priced(look, row) and value is None:
            _missing(look, "stock.move", row, name)
        if not priced(look, row) and value is not None:
            shown = look.store.currencies.one(row.currency).name if name == "currency" else value
            raise Refusal(
                f'The value "{shown}" for field "{field_label(name)}" {where} '
                "is not valid according to its domain."
            )


def _sound_shipment(look: Look, row: Shipment) -> None:
    address = look.store.addresses.one(row.delivery_address)
    if address.party != row.customer:
        raise Refusal(
            f'The value "{record_name(look.store, address)}" for field "Delivery Address" in record '
            f'"{record_name(look.store, row)}" of "{model_label(OUT)}" is not valid according to its domain.'
        )
    moves = look.store.moves_of((OUT, row.id))
    _within_domain(look, OUT, row, [move for move in moves if not _leaves(look, row, move)])


def _leaves(look: Look, row: Shipment, move: Move) -> bool:
    if move.company != row.company:
        return False
    if move.to_location == row.warehouse_output:
        return True
    done = row.state in (ShipmentState.DONE, ShipmentState.CANCELLED)
    customer = look.store.location("CUS").id
    return move.from_location == row.warehouse_output and (done or move.to_location == customer)


def _returns(look: Look, row: CustomerReturn, move: Move) -> bool:
    if move.company != row.company:
        return False
    store, target = look.store, move.to_location
    direct = row.warehouse_input == row.warehouse_storage
    arrives = target in store.within(row.warehouse_input or 0) if direct else target == row.warehouse_input
    if arrives and (row.state is not ShipmentState.DRAFT or move.from_location == store.location("CUS").id):
        return True
    if move.from_location != row.warehouse_input:
        return False
    if row.state is not ShipmentState.RECEIVED:
        return True
    waste = store.locations.one(target).waste_warehouses == row.warehouse
    return waste or target in store.within(row.warehouse_storage or 0)


def _within_domain(look: Look, model: str, row: Row, outside: list[Move]) -> None:
    for move in outside:
        raise Refusal(
            f'The value "{record_name(look.store, move)}" for field "Moves" in record '
            f'"{record_name(look.store, row)}" of "{model_label(model)}" '
            "is not valid according to its domain."
        )


def _sound_codes(look: Look, row: Product | Template) -> None:
    products = look.store.products
    mine = [row] if isinstance(row, Product) else products.by("template", row.id)
    for product in mine:
        same = [other for other in products.by("code", product.code) if other.active]
        if product.code and product.active and len(same) > 1:
            raise Refusal("Code of active product must be unique.")
