"""The storefront contract, spoken by Medusa: each method is done by the part of its name."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256

from connectors.contract import (
    AddressAnswer,
    CancelAnswer,
    CancelLines,
    ConfirmDelivery,
    ConfirmShipment,
    Deadline,
    Manifest,
    Message,
    Outcome,
    Page,
    PutListing,
    RefundRequest,
    Refused,
    Reply,
    RequestAnswer,
    RequestReceipt,
    SetPrice,
    SetPublished,
    SetQuantity,
)
from connectors.storefronts.medusa import MANIFEST
from connectors.storefronts.medusa.answers import Answers
from connectors.storefronts.medusa.cancels import Cancels
from connectors.storefronts.medusa.client import Client
from connectors.storefronts.medusa.listings import Listings
from connectors.storefronts.medusa.notes import Notes
from connectors.storefronts.medusa.offers import Offers
from connectors.storefronts.medusa.options import Options
from connectors.storefronts.medusa.orders import Orders
from connectors.storefronts.medusa.prices import Prices
from connectors.storefronts.medusa.products import Products
from connectors.storefronts.medusa.publishing import Publishing
from connectors.storefronts.medusa.receipts import Receipts
from connectors.storefronts.medusa.refunds import Refunds
from connectors.storefronts.medusa.requests import Requests
from connectors.storefronts.medusa.shipments import Shipments
from connectors.storefronts.medusa.shop import Shop
from connectors.transport import Setup
from sync.domain.aftersales import RequestKind
from sync.domain.listing import RemoteVariant, StockSeen
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RemoteRequest


class MedusaStorefront:
    """One Medusa shop, or one of its sales channels."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("a Medusa account is opened with Medusa's options")
        limits = MANIFEST.limits
        self._client = Client(setup, options, limits)
        self._shop = Shop(self._client, options, limits.batch_items, limits.body_bytes)
        self._orders = Orders(self._shop)
        self._products = Products(self._shop)
        self._offers = Offers(self._shop)
        self._prices = Prices(self._shop)
        self._publishing = Publishing(self._shop)
        self._listings = Listings(self._shop)
        self._shipments = Shipments(self._shop, self._orders)
        self._cancels = Cancels(self._shop, self._orders)
        self._notes = Notes(self._shop)
        self._requests = Requests(self._shop, self._orders)
        self._answers = Answers(self._shop, self._requests)
        self._receipts = Receipts(self._shop, self._requests)
        self._refunds = Refunds(self._shop, self._orders, self._requests)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """A hash of the store's id, and of the sales channel's where one is set.

        It stays when keys change, or the shop is renamed or moves. A copy of the database bears the same.
        """
        facts = await self._shop.facts(deadline, fresh=True)
        return sha256(f"medusa {facts.store} {facts.channel or ''}".encode()).hexdigest()[:32]

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """A sweep of all variants, then rounds of what changed."""
        return await self._products.page(cursor, deadline)

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """Stocked less reserved, in the location that is written."""
        return await self._offers.quantities(variants, deadline)

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Retry for an item whose stock moved since `seen`: read it and decide again. A missing level is made."""
        return await self._offers.set_quantities(batch, deadline)

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """In the store's own way, with or without tax; `currency` must be one that it sells in."""
        return await self._prices.set_prices(batch, deadline)

    async def put_listings(
        self, batch: Sequence[PutListing], deadline: Deadline
    ) -> Mapping[str, Outcome[str]]:
        """Title, description and pictures of what is there; nothing is made."""
        return await self._listings.put(batch, deadline)

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """`product:ID` names a product; a variant's id its product, where it is the only variant."""
        return await self._publishing.set_published(batch, deadline)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """Orders by the moment of their last change, each change once."""
        return await self._orders.page(cursor, deadline)

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """The order's present state."""
        return await self._orders.one(external_id, deadline)

    async def confirm_shipment(
        self, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        """One fulfilment for each parcel; what is there already is kept."""
        return await self._shipments.confirm(request, deadline)

    async def find_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Retry also where part of it is there: confirming again does only the rest."""
        return await self._shipments.find(request, deadline)

    async def confirm_delivery(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]:
        """Medusa keeps no time of delivery but its own."""
        return await self._shipments.deliver(request, deadline)

    async def cancel_lines(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """The whole order (what was captured is refunded), or units of it where the payment is captured."""
        return await self._cancels.cancel(request, deadline)

    async def requests(self, cursor: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """Returns, exchanges and claims by the moment of their last change."""
        return await self._requests.page(cursor, deadline)

    async def request(self, kind: RequestKind, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """The present state of a return, exchange or claim; its id says which it is."""
        return await self._requests.one(external_id, deadline)

    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """A no cancels it; Medusa knows no yes."""
        return await self._answers.answer(answer, deadline)

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Received or dismissed in one go, when nothing more is to come."""
        return await self._receipts.receive(receipt, deadline)

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Of one payment; `restock` does nothing here, since the quantity comes from the warehouse."""
        return await self._refunds.refund(request, deadline)

    async def find_refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """By the key in its note."""
        return await self._refunds.find(request, deadline)

    async def note(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A note in the order's metadata."""
        return await self._notes.add(request, deadline)

    async def answer_cancel(self, request: CancelAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Medusa."""
        raise _absent("requests for cancellation")

    async def answer_address_change(self, request: AddressAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Medusa."""
        raise _absent("requests for a change of address")

    async def messages(self, cursor: str | None, deadline: Deadline) -> Page[Message]:
        """Not in Medusa."""
        raise _absent("messages")

    async def reply(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """Not in Medusa."""
        raise _absent("messages")

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()


def _absent(what: str) -> Refused:
    return Refused(f"the Medusa connector has no {what}", code="UNSUPPORTED", mendable=False)
