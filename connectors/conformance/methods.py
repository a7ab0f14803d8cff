"""The methods of each kind as the kit sees them: what each needs, and how its repeats are recognised."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from connectors.contract import Capability, Kind, Manifest, Operation


class Form(Enum):
    """What a method does, and so what can be asked of it."""

    READ = auto()
    FEED = auto()
    """by cursor, in pages"""
    ABSOLUTE = auto()
    """a write that may always be repeated"""
    ANSWER = auto()
    """a write that decides something once; a repeat may be refused"""
    CREATING = auto()


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a kind; no `capability` means that every connector of the kind has it.

    `item` is the field by which an item of a batch names its subject. `finder` looks a creating write up
    after an unknown outcome: by `reference`, or by the whole request.
    """

    name: str
    form: Form
    capability: Capability | None = None
    operation: Operation | None = None
    batch: bool = False
    item: str = ""
    finder: str = ""


_C, _O = Capability, Operation
STOREFRONT = (
    Method("identity", Form.READ),
    Method("products", Form.FEED),
    Method("orders", Form.FEED),
    Method("order", Form.READ),
    Method("quantities", Form.READ, _C.READ_QUANTITIES, batch=True),
    Method("set_quantities", Form.ABSOLUTE, _C.SET_QUANTITIES, batch=True, item="variant"),
    Method("set_prices", Form.ABSOLUTE, _C.SET_PRICES, batch=True, item="variant"),
    Method("put_listings", Form.ABSOLUTE, _C.PUT_LISTINGS, batch=True, item="external_id"),
    Method("set_published", Form.ABSOLUTE, _C.SET_PUBLISHED, batch=True, item="external_id"),
    Method(
        "confirm_shipment", Form.CREATING, _C.CONFIRM_SHIPMENT, _O.CONFIRM_SHIPMENT, finder="find_shipment"
    ),
    Method("confirm_delivery", Form.ABSOLUTE, _C.CONFIRM_DELIVERY),
    Method("answer_cancel", Form.ANSWER, _C.ANSWER_CANCEL),
    Method("answer_address_change", Form.ANSWER, _C.ANSWER_ADDRESS_CHANGE),
    Method("cancel_lines", Form.ABSOLUTE, _C.CANCEL_LINES),
    Method("requests", Form.FEED, _C.REQUESTS),
    Method("request", Form.READ, _C.REQUESTS),
    Method("answer_request", Form.ABSOLUTE, _C.ANSWER_REQUEST),
    Method("receive_request", Form.ABSOLUTE, _C.RECEIVE_REQUEST),
    Method("refund", Form.CREATING, _C.REFUND, _O.REFUND, finder="find_refund"),
    Method("note", Form.CREATING, _C.NOTES, _O.NOTE),
    Method("messages", Form.FEED, _C.MESSAGES),
    Method("reply", Form.CREATING, _C.MESSAGES, _O.REPLY),
)
WAREHOUSE = (
    Method("identity", Form.READ),
    Method("stock", Form.FEED),
    Method("fulfilments", Form.FEED),
    Method("fulfilment", Form.READ),
    Method("find_fulfilments", Form.READ),
    Method("create_fulfilment", Form.CREATING, operation=_O.CREATE_FULFILMENT, finder="find_fulfilments"),
    Method("assign", Form.ABSOLUTE, _C.ASSIGN),
    Method("cancel_fulfilment", Form.ABSOLUTE, _C.CANCEL_FULFILMENT),
    Method("label_parcel", Form.ABSOLUTE, _C.LABEL_PARCELS),
    Method("announce_inbound", Form.CREATING, _C.INBOUND, _O.ANNOUNCE_INBOUND),
    Method("receipts", Form.FEED, _C.INBOUND),
    Method("announce_return", Form.CREATING, _C.RETURN_RECEIPTS, _O.ANNOUNCE_RETURN),
    Method("return_receipts", Form.FEED, _C.RETURN_RECEIPTS),
    Method("counts", Form.FEED, _C.COUNTS),
    Method("transfer", Form.CREATING, _C.TRANSFERS, _O.TRANSFER),
)
COURIER = (
    Method("identity", Form.READ),
    Method("coverage", Form.READ, _C.COVERAGE),
    Method("rates", Form.READ, _C.RATES),
    Method("book", Form.CREATING, _C.BOOK, _O.BOOK, finder="find_bookings"),
    Method("find_bookings", Form.READ, _C.BOOK),
    Method("label", Form.READ, _C.BOOK),
    Method("void", Form.ABSOLUTE, _C.VOID),
    Method("intercept", Form.CREATING, _C.INTERCEPT, _O.INTERCEPT),
    Method("manifest_day", Form.CREATING, _C.MANIFEST, _O.MANIFEST),
    Method("pickup", Form.CREATING, _C.PICKUP, _O.PICKUP),
    Method("track", Form.READ, _C.TRACK, batch=True),
)
SUPPLIER = (
    Method("identity", Form.READ),
    Method("offers", Form.FEED),
    Method("place_order", Form.CREATING, _C.PLACE_ORDER, _O.PLACE_ORDER, finder="find_orders"),
    Method("find_orders", Form.READ, _C.PLACE_ORDER),
    Method("acknowledgements", Form.FEED, _C.ACKNOWLEDGEMENTS),
    Method("despatches", Form.FEED, _C.DESPATCHES),
    Method("cancel_order", Form.ABSOLUTE, _C.CANCEL_ORDER),
)
METHODS: Mapping[Kind, tuple[Method, ...]] = {
    Kind.STOREFRONT: STOREFRONT,
    Kind.WAREHOUSE: WAREHOUSE,
    Kind.COURIER: COURIER,
    Kind.SUPPLIER: SUPPLIER,
}
FILLED: Mapping[Kind, tuple[str, ...]] = {
    Kind.STOREFRONT: ("products", "orders", "requests"),
    Kind.WAREHOUSE: ("stock", "fulfilments"),
    Kind.COURIER: (),
    Kind.SUPPLIER: ("offers", "despatches"),
}
"""The feeds that a bench of this kind must be able to fill, where they are declared."""
RIDERS: Mapping[Kind, frozenset[Capability]] = {
    Kind.STOREFRONT: frozenset(
        {
            _C.COMPARE_AND_SET,
            _C.COMPARE_AT,
            _C.PUBLISH_VARIANTS,
            _C.SEVERAL_PARCELS,
            _C.PUBLIC_NOTES,
            _C.WEBHOOKS,
        }
    ),
    Kind.WAREHOUSE: frozenset({_C.BOOKS_COURIER, _C.PART_SHIPMENTS, _C.KEEPS_BACK_ORDERS}),
    Kind.COURIER: frozenset(),
    Kind.SUPPLIER: frozenset({_C.DROP_SHIP}),
}
"""Capabilities without a method of their own."""
_KEYS = {
    "stock": "sku",
    "fulfilments": "reference",
    "receipts": "reference",
    "return_receipts": "reference",
    "counts": "sku",
    "offers": "code",
}


def declared(manifest: Manifest) -> tuple[Method, ...]:
    """The methods that this connector says it has."""
    return tuple(each for each in METHODS[manifest.kind] if has(manifest, each))


def undeclared(manifest: Manifest) -> tuple[Method, ...]:
    """The methods that it says it has not."""
    return tuple(each for each in METHODS[manifest.kind] if not has(manifest, each))


def has(manifest: Manifest, method: Method) -> bool:
    """Whether the manifest declares the method."""
    return method.capability is None or manifest.can(method.capability)


def key_field(feed: str) -> str:
    """The field by which a feed's record is known."""
    return _KEYS.get(feed, "external_id")
