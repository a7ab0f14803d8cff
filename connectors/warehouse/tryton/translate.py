"""Tryton's words in ours, and ours in Tryton's. Pure: no I/O, no clock.

Sources: trytond 8.2.1's models stock.shipment.out, stock.package, stock.shipment.in, stock.inventory, and
what a running one answered.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from connectors.contract import BadAnswer, Count, Receipt, Rejected
from connectors.warehouse.tryton.payloads import (
    Company,
    Complaint,
    Incoming,
    Inventory,
    Json,
    Moment,
    Move,
    Package,
    PartyAddress,
    Product,
    Shipment,
    Warehouse,
    decoded,
)
from sync.domain.people import Address
from sync.domain.shipments import (
    FulfilmentState,
    RemoteFulfilment,
    RemoteFulfilmentLine,
    RemoteParcel,
    StockFigure,
)

STATES: Mapping[str, FulfilmentState] = {
    "draft": FulfilmentState.DRAFT,
    "waiting": FulfilmentState.WAITING,
    "assigned": FulfilmentState.ASSIGNED,
    "picked": FulfilmentState.PICKED,
    "packed": FulfilmentState.PACKED,
    "shipped": FulfilmentState.SHIPPED,
    "done": FulfilmentState.SHIPPED,
    "cancelled": FulfilmentState.CANCELLED,
}
STOPPABLE = frozenset({"draft", "waiting", "assigned", "picked", "packed"})
"""The states in which the goods are still in the building."""
CLOSED = frozenset({FulfilmentState.PACKED, FulfilmentState.SHIPPED, FulfilmentState.CANCELLED})
"""The states in which Tryton lets nobody change a package any more."""
WHOLE_SHIPMENT = "shipment:"
"""Before the id of a shipment that was packed without packages: it is one parcel itself."""

_FIELD = re.compile(r'field "([A-Za-z ]{1,40})"')
_MODEL = re.compile(r'of "([A-Za-z ]{1,40})"')


def figure(product: Product, warehouse: str, less: Mapping[int, Decimal] | None = None) -> StockFigure:
    """A product's quantity, on the basis net of what is assigned. BadAnswer where there is no quantity.

    `less` are units by product that are in the quantity but not for sale; it must know the product.
    """
    if product.quantity is None or not product.code:
        raise BadAnswer("a product came without a quantity or code")
    if less is not None and product.id not in less:
        raise BadAnswer("a product's units on the shelves for returned goods are not known")
    net = product.quantity - less[product.id] if less is not None else product.quantity
    return StockFigure(product.code, str(product.id), net, location=warehouse)


def fulfilment(shipment: Shipment, raw: bytes) -> RemoteFulfilment:
    """A shipment as it now stands. After a part shipment its moves have shrunk, and so have the lines.

    Its `status` is Tryton's `state`; one that we do not know, such as that of another module, has no state of
    ours. BadAnswer for a part of a unit.
    """
    state = _state(shipment)
    gone = state is FulfilmentState.SHIPPED
    dead = state is FulfilmentState.CANCELLED
    outgoing = _units(move for move in shipment.outgoing_moves if dead or move.state != "cancelled")
    assigning = shipment.inventory_moves or shipment.outgoing_moves
    assigned = _units(move for move in assigning if move.state in ("assigned", "done"))
    return RemoteFulfilment(
        external_id=str(shipment.id),
        reference=shipment.reference or "",
        state=state,
        lines=tuple(
            RemoteFulfilmentLine(
                sku, units, assigned=min(units, assigned.get(sku, 0)), shipped=units if gone else 0
            )
            for sku, units in outgoing.items()
        ),
        parcels=_parcels(shipment, outgoing) if state is None or state in CLOSED else (),
        updated_at=_latest(shipment.write_date, shipment.create_date),
        status=shipment.state,
        raw=raw,
    )


def _state(shipment: Shipment) -> FulfilmentState | None:
    state = STATES.get(shipment.state)
    if state is FulfilmentState.WAITING and shipment.partially_assigned:
        return FulfilmentState.PART_ASSIGNED
    return state


def _units(moves: Iterable[Move]) -> dict[str, int]:
    units: dict[str, int] = {}
    for move in moves:
        sku = move.product.code or ""
        units[sku] = units.get(sku, 0) + whole(move.internal_quantity)
    return units


def whole(quantity: Decimal) -> int:
    """Units of a quantity; BadAnswer where it is not a whole number."""
    if quantity != quantity.to_integral_value():
        raise BadAnswer("a quantity is not a whole number of units")
    return int(quantity)


def _parcels(shipment: Shipment, outgoing: Mapping[str, int]) -> tuple[RemoteParcel, ...]:
    roots = [package for package in shipment.packages if package.parent is None]
    if roots:
        return tuple(_parcel(root, shipment.packages) for root in sorted(roots, key=lambda root: root.id))
    if shipment.state == "cancelled":
        return ()
    whole_one = RemoteParcel(
        external_id=f"{WHOLE_SHIPMENT}{shipment.id}",
        number=shipment.number or str(shipment.id),
        lines=tuple(outgoing.items()),
        tracking=shipment.shipping_reference or None,
    )
    return (whole_one,)


def _parcel(root: Package, packages: Sequence[Package]) -> RemoteParcel:
    moves = [move for package in _inside(root, packages) for move in package.moves]
    return RemoteParcel(
        external_id=str(root.id),
        number=root.number or str(root.id),
        lines=tuple(_units(moves).items()),
        tracking=root.shipping_reference or None,
        weight_kg=_kilograms(root),
    )


def _inside(root: Package, packages: Sequence[Package]) -> list[Package]:
    """The package and all that is packed in it, however deep."""
    found = [root]
    for outer in found:
        found.extend(inner for inner in packages if inner.parent == outer.id and inner not in found)
    return found


def _kilograms(package: Package) -> Decimal | None:
    if not package.total_weight or package.weight_uom is None:
        return None
    return package.total_weight * package.weight_uom.factor


def _latest(written: Moment | None, created: Moment | None) -> datetime | None:
    moment = written or created
    return moment.at() if moment else None


def receipt(incoming: Incoming, raw: bytes) -> tuple[Receipt, ...]:
    """What arrived under one reference; nothing where nothing has."""
    units = _units(move for move in incoming.incoming_moves if move.state == "done")
    at = _latest(incoming.write_date, incoming.create_date)
    if not units or at is None:
        return ()
    lines = tuple((sku, number, "good") for sku, number in units.items())
    return (Receipt(str(incoming.id), incoming.reference or "", lines, at, raw),)


def counts(inventory: Inventory, raw: bytes) -> tuple[Count, ...]:
    """The lines that somebody counted; an empty one counts as 0 only where the stocktake says so."""
    at = _latest(inventory.write_date, inventory.create_date)
    if at is None:
        raise BadAnswer("a stocktake came without a time", sample=raw)
    place = inventory.location.code or inventory.location.name or str(inventory.location.id)
    found = []
    for line in inventory.lines:
        counted = line.quantity
        if counted is None and inventory.empty_quantity == "empty":
            counted = Decimal(0)
        if counted is not None and line.product.code:
            found.append(Count(str(line.id), line.product.code, place, counted, line.expected_quantity, at))
    return tuple(found)


def party_address(address: Address, country: int | None) -> dict[str, Json]:
    """The fields of a party.address; `country` is Tryton's id of it, None where it has none.

    Tryton strips what it stores, so does this: both must compare equal. A region, and a country that
    Tryton does not know, stand behind the city, so that nothing of the address is lost.
    """
    company, name = _line(address.company), _line(address.name)
    unknown = _line(address.country) if country is None else ""
    behind = [part for part in (_line(address.region), unknown) if part]
    fields: dict[str, str] = {
        "party_name": company or name,
        "attn": name if company else "",
        "street": "\n".join(line for line in map(_line, address.street) if line),
        "postal_code": _line(address.postal_code),
        "city": ", ".join(filter(None, [_line(address.city), *behind])),
    }
    filled: dict[str, Json] = {field: value for field, value in fields.items() if value}
    return filled if country is None else {**filled, "country": country}


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def same_address(known: PartyAddress, wanted: Mapping[str, Json]) -> bool:
    """Whether an address of the party is exactly the wanted one."""
    fields = ("party_name", "attn", "street", "postal_code", "city", "country")
    return all((getattr(known, field) or None) == wanted.get(field) for field in fields)


def fingerprint(database: str, company: Company, warehouse: Warehouse) -> str:
    """The same as long as it is this warehouse of this database; another after the database was made anew."""
    born = company.create_date.at().isoformat() if company.create_date else ""
    text = f"tryton|{database}|{company.id}|{born}|{warehouse.id}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def refusal(status: int, body: bytes, what: str) -> Rejected:
    """Tryton's refusal in our words: its own name buyers and addresses. `what` is such as `shipment R-1`."""
    if status == 403:
        reason = f"{what}: the user of the Tryton key may not do this; give it the right"
        return Rejected(reason, code="forbidden")
    if status == 404:
        return Rejected(f"{what}: Tryton does not have it", code="not_found")
    return Rejected(f"{what}: Tryton refused it{_hint(body)}", code="refused")


def _hint(body: bytes) -> str:
    """The names of the field and model that Tryton complains of, where it names them."""
    try:
        message = decoded(body, Complaint).message
    except BadAnswer:
        return ""
    field, model = _FIELD.search(message), _MODEL.search(message)
    if field is None:
        return ""
    place = f" of {model.group(1)}" if model else ""
    return f", because of the field {field.group(1)}{place}"
