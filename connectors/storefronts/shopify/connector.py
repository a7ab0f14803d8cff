"""The storefront contract, spoken by Shopify: each method is done by the part of its name."""

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
    Subscription,
)
from connectors.storefronts.shopify import MANIFEST
from connectors.storefronts.shopify.answers import Answers
from connectors.storefronts.shopify.cancels import Cancels
from connectors.storefronts.shopify.client import Client
from connectors.storefronts.shopify.hooks import Hooks
from connectors.storefronts.shopify.listings import Listings
from connectors.storefronts.shopify.notes import Notes
from connectors.storefronts.shopify.offers import Offers
from connectors.storefronts.shopify.options import Options
from connectors.storefronts.shopify.orders import Orders
from connectors.storefronts.shopify.owners import Owners
from connectors.storefronts.shopify.pictures import Pictures
from connectors.storefronts.shopify.prices import Prices
from connectors.storefronts.shopify.products import Products
from connectors.storefronts.shopify.publishing import Publishing
from connectors.storefronts.shopify.receipts import Receipts
from connectors.storefronts.shopify.refunds import Refunds
from connectors.storefronts.shopify.requests import Requests
from connectors.storefronts.shopify.shipments import Shipments
from connectors.storefronts.shopify.shop import Shop
from connectors.transport import Setup
from sync.domain.aftersales import RequestKind
from sync.domain.listing import RemoteVariant, StockSeen
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RemoteRequest


class ShopifyStorefront:
    """One Shopify shop."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("a Shopify account is opened with Shopify's options")
        limits = MANIFEST.limits
        self._client = Client(setup, options, limits)
        self._shop = Shop(self._client, options)
        owners = Owners(self._shop, limits.batch_items)
        self._orders = Orders(self._shop)
        self._products = Products(self._shop, limits, setup.clock, setup.http)
        self._offers = Offers(self._shop, limits.batch_items)
        self._prices = Prices(self._shop, owners, limits.batch_items)
        self._publishing = Publishing(self._shop, owners)
        self._listings = Listings(self._shop, owners, Pictures(self._shop, limits, setup.http))
        self._shipments = Shipments(self._shop, self._orders)
        self._cancels = Cancels(self._shop, self._orders)
        self._requests = Requests(self._shop)
        self._answers = Answers(self._shop, self._requests)
        self._receipts = Receipts(self._shop, self._requests)
        self._refunds = Refunds(self._shop, self._orders)
        self._notes = Notes(self._shop)
        self._hooks = Hooks(self._shop)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """A hash of the shop's id, which stays when it is renamed, moved to another plan or given away."""
        shop = await self._shop.facts(deadline, fresh=True)
        return sha256(f"shopify {shop.id}".encode()).hexdigest()[:32]

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """A sweep of all variants, by bulk operation in a large shop, then rounds of what changed."""
        return await self._products.page(cursor, deadline)

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What is available in the location that is written."""
        return await self._offers.quantities(variants, deadline)

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Retry for an item whose figure is not `seen` any more: read it and decide again."""
        return await self._offers.set_quantities(batch, deadline)

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """In the shop's currency, with or without tax as the shop enters its prices."""
        return await self._prices.set_prices(batch, deadline)

    async def put_listings(
        self, batch: Sequence[PutListing], deadline: Deadline
    ) -> Mapping[str, Outcome[str]]:
        """Keyed by `key`. A new listing is made as a draft."""
        return await self._listings.put(batch, deadline)

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """By a product's id, or that of its only variant."""
        return await self._publishing.set_published(batch, deadline)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """Orders by the moment of their last change."""
        return await self._orders.page(cursor, deadline)

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """The order's present state."""
        return await self._orders.one(external_id, deadline)

    async def confirm_shipment(
        self, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        """One fulfilment for the units of each parcel; what is there already is kept."""
        return await self._shipments.confirm(request, deadline)

    async def find_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Retry also where part of it is there: confirming again does only the rest."""
        return await self._shipments.find(request, deadline)

    async def confirm_delivery(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]:
        """As an event of the fulfilment, with its own time."""
        return await self._shipments.deliver(request, deadline)

    async def cancel_lines(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """The whole order where nothing of it is left, else units by an order edit; no money moves."""
        return await self._cancels.cancel(request, deadline)

    async def requests(self, cursor: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """The returns and exchanges of orders that changed."""
        return await self._requests.page(cursor, deadline)

    async def request(self, kind: RequestKind, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """A return's present state; returns and exchanges have ids of one kind."""
        return await self._requests.one(external_id, deadline)

    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """Approve or decline what is requested."""
        return await self._answers.answer(answer, deadline)

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Restock in the shop what is sold again, and close the return where nothing more is expected."""
        return await self._receipts.receive(receipt, deadline)

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Of the payment named, or of those that have something left; the amount is in the shop's currency."""
        return await self._refunds.refund(request, deadline)

    async def find_refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """By the key in its note."""
        return await self._refunds.find(request, deadline)

    async def note(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A line of the order's note, which only staff see."""
        return await self._notes.add(request, deadline)

    async def webhooks(self, deadline: Deadline) -> Sequence[Subscription]:
        """This app's subscriptions in this shop."""
        return await self._hooks.webhooks(deadline)

    async def subscribe(self, url: str, secret: str, deadline: Deadline) -> Sequence[Subscription]:
        """`secret` is not sent: Shopify signs with the app's client secret, which the account must hold."""
        return await self._hooks.subscribe(url, deadline)

    async def unsubscribe(self, url: str, deadline: Deadline) -> int:
        """Remove those of this address."""
        return await self._hooks.unsubscribe(url, deadline)

    async def answer_cancel(self, request: CancelAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Shopify."""
        raise _absent("requests for cancellation")

    async def answer_address_change(self, request: AddressAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Shopify."""
        raise _absent("requests for a change of address")

    async def messages(self, cursor: str | None, deadline: Deadline) -> Page[Message]:
        """Not in Shopify's Admin API."""
        raise _absent("messages that an app can read")

    async def reply(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """Not in Shopify's Admin API."""
        raise _absent("messages that an app can answer")

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()


def _absent(what: str) -> Refused:
    return Refused(f"Shopify has no {what}", code="UNSUPPORTED", mendable=False)
