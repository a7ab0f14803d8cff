"""What a connector declares about itself, so that flows can degrade in a stated way and `check` can say so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from sync.domain.shipments import StockBasis

CONTRACT = 1
"""The version of this contract. A connector that names another one is refused at start."""


class Kind(StrEnum):
    """The four kinds of system."""

    STOREFRONT = "storefront"
    WAREHOUSE = "warehouse"
    COURIER = "courier"
    SUPPLIER = "supplier"


class Operation(StrEnum):
    """Every write that creates something, and so must be recognised when it is repeated."""

    CONFIRM_SHIPMENT = "confirm_shipment"
    REFUND = "refund"
    REPLY = "reply"
    NOTE = "note"
    CREATE_FULFILMENT = "create_fulfilment"
    ANNOUNCE_INBOUND = "announce_inbound"
    ANNOUNCE_RETURN = "announce_return"
    TRANSFER = "transfer"
    BOOK = "book"
    PICKUP = "pickup"
    MANIFEST = "manifest"
    INTERCEPT = "intercept"
    PLACE_ORDER = "place_order"


class Repeat(StrEnum):
    """How a repeated creating write is recognised."""

    VENDOR_KEY = "vendor_key"
    """The vendor takes our key and answers a repeat with the first result."""
    REFERENCE = "reference"
    """It can be looked up by our reference."""
    FINGERPRINT = "fingerprint"
    """By comparing what is there with what was there before."""
    NONE = "none"
    """It cannot: an unknown outcome becomes a hold."""


class Capability(StrEnum):
    """What a connector can do beyond the reads that its kind must have. What is absent is degraded, and said."""

    # storefronts
    READ_QUANTITIES = "read_quantities"
    SET_QUANTITIES = "set_quantities"
    COMPARE_AND_SET = "compare_and_set"
    SET_PRICES = "set_prices"
    COMPARE_AT = "compare_at"
    """It can show a struck-out price beside the price; without it, rules that set one set the price alone."""
    PUT_LISTINGS = "put_listings"
    SET_PUBLISHED = "set_published"
    PUBLISH_VARIANTS = "publish_variants"
    """It can take down one variant of a product that has others; without it, only whole products."""
    CONFIRM_SHIPMENT = "confirm_shipment"
    SEVERAL_PARCELS = "several_parcels"
    """One order line may be told in several parcels."""
    CONFIRM_DELIVERY = "confirm_delivery"
    ANSWER_CANCEL = "answer_cancel"
    ANSWER_ADDRESS_CHANGE = "answer_address_change"
    CANCEL_LINES = "cancel_lines"
    REQUESTS = "requests"
    """It tells of requests after the sale: returns, exchanges, claims, cancellations."""
    ANSWER_REQUEST = "answer_request"
    RECEIVE_REQUEST = "receive_request"
    """It can be told what came back for a request."""
    REFUND = "refund"
    NOTES = "notes"
    PUBLIC_NOTES = "public_notes"
    """A note that is not private reaches the buyer: by the shop's own mail, or in the order's history."""
    MESSAGES = "messages"
    WEBHOOKS = "webhooks"
    """It keeps subscriptions by which it is told at once that something has changed."""
    # warehouses
    ASSIGN = "assign"
    """It can be asked to assign stock again to a fulfilment that came up short."""
    CANCEL_FULFILMENT = "cancel_fulfilment"
    LABEL_PARCELS = "label_parcels"
    """It takes the tracking number that we bought for a parcel."""
    BOOKS_COURIER = "books_courier"
    """It books the courier itself: we must not."""
    PART_SHIPMENTS = "part_shipments"
    KEEPS_BACK_ORDERS = "keeps_back_orders"
    """What a part shipment leaves over stays open at the warehouse; otherwise we create it again."""
    INBOUND = "inbound"
    RETURN_RECEIPTS = "return_receipts"
    COUNTS = "counts"
    TRANSFERS = "transfers"
    # couriers
    COVERAGE = "coverage"
    RATES = "rates"
    BOOK = "book"
    VOID = "void"
    INTERCEPT = "intercept"
    MANIFEST = "manifest"
    PICKUP = "pickup"
    TRACK = "track"
    # suppliers
    PLACE_ORDER = "place_order"
    DROP_SHIP = "drop_ship"
    """It sends to the buyer in our name."""
    CANCEL_ORDER = "cancel_order"
    ACKNOWLEDGEMENTS = "acknowledgements"
    DESPATCHES = "despatches"


class Feed(StrEnum):
    """The feeds that are read by cursor."""

    PRODUCTS = "products"
    ORDERS = "orders"
    REQUESTS = "requests"
    MESSAGES = "messages"
    STOCK = "stock"
    FULFILMENTS = "fulfilments"
    RECEIPTS = "receipts"
    COUNTS = "counts"
    OFFERS = "offers"
    ACKNOWLEDGEMENTS = "acknowledgements"
    DESPATCHES = "despatches"


@dataclass(frozen=True, slots=True)
class FeedOrder:
    """How one feed behaves. `blind_spots` are changes that do not move its timestamp: re-read by id instead."""

    order: str
    """keyset, offset, windows or snapshot"""
    overlap: timedelta = timedelta(0)
    clock: str = "vendor"
    blind_spots: tuple[str, ...] = ()
    settles_after: timedelta = timedelta(0)
    """How long after a change the feed may still not show it."""


class Origin(StrEnum):
    """Where a figure comes from, the strongest first."""

    VENDOR = "vendor's documents"
    MEASURED = "measured"
    OBSERVED = "observed"
    OURS = "our choice"


@dataclass(frozen=True, slots=True)
class Source:
    """The origin of one limit, and where it can be looked up or how it was found."""

    origin: Origin
    where: str


@dataclass(frozen=True, slots=True)
class PaceRule:
    """`calls` in `period` for the pace key `key`. `source` says where the figure comes from."""

    key: str
    calls: int
    period: timedelta
    source: str
    origin: Origin = Origin.VENDOR


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes and times of one vendor, each in the unit that it names."""

    pace: tuple[PaceRule, ...] = ()
    batch_items: int = 100
    body_bytes: int = 1_000_000
    page_items: int = 100
    answer_bytes: int = 50_000_000
    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 60.0
    concurrency: int = 4
    lag: timedelta = timedelta(0)
    """How long after a write a look-up may still not show it; added to `quiet_until`."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    """By the name of a limit above; one that is not named is our own choice."""

    def source(self, name: str) -> Source:
        """Where the limit of this name comes from."""
        return self.sources.get(name, Source(Origin.OURS, "the same for every connector"))


@dataclass(frozen=True, slots=True)
class StockPolicy:
    """A warehouse's declared basis: when a reservation of ours is in its figure already."""

    basis: StockBasis
    lag: timedelta = timedelta(0)


class VerifiedBy(StrEnum):
    """How a connector was tried, the strongest first."""

    REAL_SERVER = "real server"
    SPECIFICATION = "official specification"
    RECORDED = "recorded traffic"
    DOCUMENTS = "documents only"


@dataclass(frozen=True, slots=True)
class Verified:
    """One honest line of the support table."""

    by: VerifiedBy
    what: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The face of a connector. `repeats` names every creating operation that it has."""

    name: str
    kind: Kind
    title: str
    capabilities: frozenset[Capability]
    verified: tuple[Verified, ...]
    limits: Limits = Limits()
    repeats: Mapping[Operation, Repeat] = field(default_factory=dict)
    feeds: Mapping[Feed, FeedOrder] = field(default_factory=dict)
    stock: StockPolicy | None = None
    secrets: tuple[str, ...] = ()
    """The secret option's meaning in words, such as `API key`; shown by `init` and `connect`."""
    gaps: tuple[str, ...] = ()
    """What the vendor's system cannot do, in the operator's words."""
    webhook_topics: tuple[str, ...] = ()
    """What it subscribes to, by the vendor's own names (capability WEBHOOKS)."""
    contract: int = CONTRACT

    def can(self, capability: Capability) -> bool:
        """Whether the connector declares it."""
        return capability in self.capabilities
