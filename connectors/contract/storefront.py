"""The storefront: listings, prices and stock out; orders, requests after the sale and messages in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from connectors.contract.manifest import Manifest
from connectors.contract.outcome import Deadline, Outcome, Page
from sync.domain.aftersales import RequestKind
from sync.domain.listing import RemoteVariant, StockSeen
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RemoteRequest


@dataclass(frozen=True, slots=True)
class SetQuantity:
    """Make the shop sell `quantity` of one variant: absolute, what a buyer could still buy, 0 or more.

    `seen` is the shop's figure on which the decision rests. Orders that reached the shop after it must
    still come off: a connector that can compare and set writes only if it still holds; one whose shop
    counts committed units itself writes `quantity` plus the committed units as they were seen, less what
    it fulfilled itself since (`seen.mark`), and never more than are committed now.
    """

    variant: str
    quantity: int
    location: str = ""
    seen: StockSeen | None = None


@dataclass(frozen=True, slots=True)
class SetPrice:
    """One variant's price in major units of `currency`; `compare_at` None means: no struck-out price.

    With `keeps_compare_at` the struck-out price is not ours: it stays as it is wherever the shop can keep it.
    """

    variant: str
    price: Decimal
    currency: str
    compare_at: Decimal | None = None
    sale_from: datetime | None = None
    sale_until: datetime | None = None
    keeps_compare_at: bool = False


@dataclass(frozen=True, slots=True)
class PutListing:
    """Content of one product or variant. `external_id` None creates it, with `key` as the shop's SKU or slug.

    `kept` names what of title and description stays as it is in the shop; they then hold what it showed last.
    """

    key: str
    external_id: str | None
    title: str
    description: str
    sku: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    pictures: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SetPublished:
    """Put one product or variant up, or take it down."""

    external_id: str
    published: bool


@dataclass(frozen=True, slots=True)
class ToldParcel:
    """A parcel as the buyer is told of it: which units of which order lines are in it."""

    tracking: str
    carrier: str
    lines: tuple[tuple[str, int], ...]
    """(order line's external id, units)"""
    tracking_url: str | None = None


@dataclass(frozen=True, slots=True)
class ConfirmShipment:
    """Tell the shop what left: parcels × lines. `before` are the shipments it showed when we decided."""

    key: str
    order: str
    parcels: tuple[ToldParcel, ...]
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfirmDelivery:
    """Tell the shop that a shipment which it knows by `shipment` has arrived. Absolute: may be repeated."""

    order: str
    shipment: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """Our answer to a cancellation that the shop asked about."""

    order: str
    stopped: bool
    reason: str


@dataclass(frozen=True, slots=True)
class AddressAnswer:
    """Our yes or no to a change of address."""

    order: str
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class CancelLines:
    """Cancel units at the shop: absolute, `left` is what shall still be wanted of each line afterwards."""

    order: str
    left: tuple[tuple[str, int], ...]
    """(order line's external id, units that stay)"""
    reason: str


@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """Our yes or no to a request after the sale. Absolute: the same answer again is Done."""

    external_id: str
    kind: RequestKind
    approved: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RequestReceipt:
    """What came back for a request, so that the shop shows it. Absolute: pieces in all, never a difference."""

    external_id: str
    kind: RequestKind
    lines: tuple[tuple[str, int, int], ...]
    """(order line's external id, pieces that are sold again, pieces that are not)"""
    complete: bool
    """Nothing more is expected: the shop may close its side."""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give money back: once per `key`. The shop's refund bears a mark of the key, by which it is found again."""

    key: str
    order: str
    amount: Money
    payment: str | None
    lines: tuple[tuple[str, int], ...]
    restock: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Message:
    """A buyer's message."""

    external_id: str
    order: str | None
    at: datetime
    text: str = field(repr=False)
    raw: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """Our answer or notice to a buyer, or a note on an order: once per `key`."""

    key: str
    order: str
    text: str = field(repr=False)
    private: bool = False


class Storefront(Protocol):
    """One shop. Methods beyond the reads need the capability of their name."""

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        ...

    async def identity(self, deadline: Deadline) -> str:
        """The shop's own fingerprint: the same after its name or address changed, another for another shop."""
        ...

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]: ...

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What the shop would sell of each variant now (READ_QUANTITIES)."""
        ...

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Keyed by variant; `echo` is what the shop would sell after the write."""
        ...

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]: ...

    async def put_listings(
        self, batch: Sequence[PutListing], deadline: Deadline
    ) -> Mapping[str, Outcome[str]]: ...

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]: ...

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]: ...

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """The order's present state; None only where the shop says that it does not exist."""
        ...

    async def confirm_shipment(
        self, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        """`echo` are the shop's ids of the shipments made, in the order of the parcels."""
        ...

    async def find_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """After an unknown outcome: Done if it is there, Retry if it surely is not, else Unknown."""
        ...

    async def confirm_delivery(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]: ...

    async def answer_cancel(self, request: CancelAnswer, deadline: Deadline) -> Outcome[None]: ...

    async def answer_address_change(self, request: AddressAnswer, deadline: Deadline) -> Outcome[None]: ...

    async def cancel_lines(self, request: CancelLines, deadline: Deadline) -> Outcome[None]: ...

    async def requests(self, cursor: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """Returns, exchanges, claims, cancellations and wishes for money, each as it is now (REQUESTS)."""
        ...

    async def request(self, kind: RequestKind, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """Its present state; None only where the shop says that it does not exist (REQUESTS)."""
        ...

    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """A shop without a step of granting is done with a yes at once, and `request` still says ASKED."""
        ...

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Done where the shop books so much. One that books once only may wait until `complete` (RECEIVE_REQUEST)."""
        ...

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]: ...

    async def find_refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]: ...

    async def note(self, request: Reply, deadline: Deadline) -> Outcome[None]: ...

    async def messages(self, cursor: str | None, deadline: Deadline) -> Page[Message]: ...

    async def reply(self, request: Reply, deadline: Deadline) -> Outcome[None]: ...

    async def close(self) -> None: ...
