"""The storefront contract, spoken by WooCommerce: each method is done by the part of its name."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

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
from connectors.storefronts.woocommerce import MANIFEST
from connectors.storefronts.woocommerce.batches import Bounds
from connectors.storefronts.woocommerce.cancels import Cancels
from connectors.storefronts.woocommerce.client import Client
from connectors.storefronts.woocommerce.listings import Listings
from connectors.storefronts.woocommerce.notes import Notes
from connectors.storefronts.woocommerce.offers import Offers
from connectors.storefronts.woocommerce.options import Options
from connectors.storefronts.woocommerce.orders import Orders
from connectors.storefronts.woocommerce.prices import Prices
from connectors.storefronts.woocommerce.products import Products
from connectors.storefronts.woocommerce.publishing import Publishing
from connectors.storefronts.woocommerce.refunds import Refunds
from connectors.storefronts.woocommerce.shipments import Shipments
from connectors.storefronts.woocommerce.shop import Shop
from connectors.storefronts.woocommerce.subscriptions import WebhookKeeper
from connectors.transport import Setup
from sync.domain.aftersales import RequestKind
from sync.domain.listing import RemoteVariant, StockSeen
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RemoteRequest


class WooCommerceStorefront:
    """One WooCommerce shop."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("a WooCommerce account is opened with WooCommerce's options")
        limits = MANIFEST.limits
        self._client = Client(setup, options, limits)
        self._shop = Shop(self._client, options, Bounds(limits.batch_items, limits.body_bytes))
        self._orders = Orders(self._shop)
        self._products = Products(self._shop)
        self._offers = Offers(self._shop)
        self._prices = Prices(self._shop)
        self._listings = Listings(self._shop)
        self._publishing = Publishing(self._shop)
        self._notes = Notes(self._shop)
        self._shipments = Shipments(self._shop, self._orders, self._notes)
        self._cancels = Cancels(self._shop, self._orders)
        self._refunds = Refunds(self._shop, self._orders)
        self._webhooks = WebhookKeeper(self._shop)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """A hash of the store's own id, or of its home address where it has none."""
        return await self._shop.fingerprint(deadline)

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """A sweep of all products and variations, then rounds of what changed."""
        return await self._products.page(cursor, deadline)

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """The stock that the shop counts; Rejected where it counts none, or only the product's."""
        return await self._offers.quantities(variants, deadline)

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Retry for an item whose stock moved since `seen`: read it and decide again."""
        return await self._offers.set_quantities(batch, deadline)

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """`compare_at` becomes the regular price, `price` the sale price with its period."""
        return await self._prices.set_prices(batch, deadline)

    async def put_listings(
        self, batch: Sequence[PutListing], deadline: Deadline
    ) -> Mapping[str, Outcome[str]]:
        """A new listing becomes a draft; pictures are web addresses."""
        return await self._listings.put(batch, deadline)

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """`product:ID` names a whole product; a variation can be taken down alone."""
        return await self._publishing.set_published(batch, deadline)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """Orders by the second of their last change, each with its refunds."""
        return await self._orders.page(cursor, deadline)

    async def order(self, external_id: str, deadline: Deadline) -> RemoteOrder | None:
        """The order's present state; one in the trash is cancelled."""
        return await self._orders.one(external_id, deadline)

    async def confirm_shipment(
        self, request: ConfirmShipment, deadline: Deadline
    ) -> Outcome[tuple[str, ...]]:
        """Told to the buyer, written into the order's metadata; completes an order that wants no more."""
        return await self._shipments.confirm(request, deadline)

    async def find_shipment(self, request: ConfirmShipment, deadline: Deadline) -> Outcome[tuple[str, ...]]:
        """Retry also where part of it is there: confirming again does only the rest."""
        return await self._shipments.find(request, deadline)

    async def confirm_delivery(self, request: ConfirmDelivery, deadline: Deadline) -> Outcome[None]:
        """Not in WooCommerce."""
        raise _absent("time of delivery")

    async def cancel_lines(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """The whole order by its status, units by a refund of no money; neither gives money back."""
        return await self._cancels.cancel(request, deadline)

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """An order has one payment, so `payment` chooses nothing; the lines say how many units come back."""
        return await self._refunds.refund(request, deadline)

    async def find_refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """By the mark at the end of its reason, among those that were not there before."""
        return await self._refunds.find(request, deadline)

    async def note(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A note for staff where `private`, else one that the buyer is sent."""
        return await self._notes.add(request, deadline)

    async def answer_cancel(self, request: CancelAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in WooCommerce."""
        raise _absent("requests for cancellation")

    async def answer_address_change(self, request: AddressAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in WooCommerce."""
        raise _absent("requests for a change of address")

    async def requests(self, cursor: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """Not in WooCommerce."""
        raise _absent("requests after the sale")

    async def request(self, kind: RequestKind, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """Not in WooCommerce."""
        raise _absent("requests after the sale")

    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in WooCommerce."""
        raise _absent("requests after the sale")

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Not in WooCommerce."""
        raise _absent("requests after the sale")

    async def messages(self, cursor: str | None, deadline: Deadline) -> Page[Message]:
        """Not in WooCommerce."""
        raise _absent("messages")

    async def reply(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """Not in WooCommerce."""
        raise _absent("messages")

    async def webhooks(self, deadline: Deadline) -> Sequence[Subscription]:
        """All webhooks of the shop, ours and others'."""
        return await self._webhooks.all(deadline)

    async def subscribe(self, url: str, secret: str, deadline: Deadline) -> Sequence[Subscription]:
        """One active webhook for each topic that we use."""
        return await self._webhooks.subscribe(url, secret, deadline)

    async def unsubscribe(self, url: str, deadline: Deadline) -> int:
        """Remove ours of this address."""
        return await self._webhooks.unsubscribe(url, deadline)

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()


def _absent(what: str) -> Refused:
    return Refused(f"WooCommerce has no {what}", code="UNSUPPORTED", mendable=False)
