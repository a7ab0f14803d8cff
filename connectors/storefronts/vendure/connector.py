"""The storefront contract, spoken by Vendure: each method is done by the part of its name."""

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
from connectors.storefronts.vendure import MANIFEST
from connectors.storefronts.vendure.cancels import Cancels
from connectors.storefronts.vendure.client import Client
from connectors.storefronts.vendure.listings import Listings
from connectors.storefronts.vendure.notes import Notes
from connectors.storefronts.vendure.offers import Offers
from connectors.storefronts.vendure.options import Options
from connectors.storefronts.vendure.orders import Orders
from connectors.storefronts.vendure.products import Products
from connectors.storefronts.vendure.refunds import Refunds
from connectors.storefronts.vendure.shipments import Shipments
from connectors.storefronts.vendure.shop import Shop
from connectors.transport import Setup
from sync.domain.aftersales import RequestKind
from sync.domain.listing import RemoteVariant, StockSeen
from sync.domain.money import Money
from sync.domain.orders import RemoteOrder
from sync.domain.requests import RemoteRequest


class VendureStorefront:
    """One Vendure shop, or one of its channels."""

    def __init__(self, setup: Setup) -> None:
        options = setup.options
        if not isinstance(options, Options):
            raise TypeError("a Vendure account is opened with Vendure's options")
        limits = MANIFEST.limits
        self._client = Client(setup, options, limits)
        self._shop = Shop(self._client, options, limits.batch_items, limits.body_bytes)
        self._orders = Orders(self._shop)
        self._products = Products(self._shop)
        self._offers = Offers(self._shop)
        self._listings = Listings(self._shop)
        self._shipments = Shipments(self._shop, self._orders)
        self._cancels = Cancels(self._shop, self._orders)
        self._refunds = Refunds(self._shop, self._orders)
        self._notes = Notes(self._shop)

    @property
    def manifest(self) -> Manifest:
        """What this connector declares."""
        return MANIFEST

    async def identity(self, deadline: Deadline) -> str:
        """A hash of the channel's id and token: Vendure draws the token when the channel is made.

        It stays when the shop is renamed or moves. A copy of the shop's database bears the same.
        """
        channel = (await self._shop.facts(deadline, fresh=True)).active_channel
        return sha256(f"vendure {channel.id} {channel.token}".encode()).hexdigest()[:32]

    async def products(self, cursor: str | None, deadline: Deadline) -> Page[RemoteVariant]:
        """A sweep of all variants, then rounds of what changed."""
        return await self._products.page(cursor, deadline)

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """On hand less allocated less the out-of-stock threshold, in the location that is written."""
        return await self._offers.quantities(variants, deadline)

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Retry for an item whose stock moved since `seen`: read it and decide again."""
        return await self._offers.set_quantities(batch, deadline)

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """In the channel's own way, with or without tax; `currency` must be one of the channel's."""
        return await self._offers.set_prices(batch, deadline)

    async def put_listings(
        self, batch: Sequence[PutListing], deadline: Deadline
    ) -> Mapping[str, Outcome[str]]:
        """Keyed by `key`. A new listing is made switched off."""
        return await self._listings.put(batch, deadline)

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """`product:ID` names a product, any other external id a variant."""
        return await self._offers.set_published(batch, deadline)

    async def orders(self, cursor: str | None, deadline: Deadline) -> Page[RemoteOrder]:
        """Orders by the moment of placing, each once."""
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
        """Vendure keeps no time of delivery but its own."""
        return await self._shipments.deliver(request, deadline)

    async def cancel_lines(self, request: CancelLines, deadline: Deadline) -> Outcome[None]:
        """With the last unit of the order its shipping is cancelled too; no money moves."""
        return await self._cancels.cancel(request, deadline)

    async def refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """Of one payment; `restock` does nothing here, since the quantity comes from the warehouse."""
        return await self._refunds.refund(request, deadline)

    async def find_refund(self, request: RefundRequest, deadline: Deadline) -> Outcome[Money]:
        """By the key in its reason."""
        return await self._refunds.find(request, deadline)

    async def note(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """A note in the order's history."""
        return await self._notes.add(request, deadline)

    async def answer_cancel(self, request: CancelAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Vendure."""
        raise _absent("requests for cancellation")

    async def answer_address_change(self, request: AddressAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Vendure."""
        raise _absent("requests for a change of address")

    async def requests(self, cursor: str | None, deadline: Deadline) -> Page[RemoteRequest]:
        """Not in Vendure."""
        raise _absent("requests after the sale")

    async def request(self, kind: RequestKind, external_id: str, deadline: Deadline) -> RemoteRequest | None:
        """Not in Vendure."""
        raise _absent("requests after the sale")

    async def answer_request(self, answer: RequestAnswer, deadline: Deadline) -> Outcome[None]:
        """Not in Vendure."""
        raise _absent("requests after the sale")

    async def receive_request(self, receipt: RequestReceipt, deadline: Deadline) -> Outcome[None]:
        """Not in Vendure."""
        raise _absent("requests after the sale")

    async def messages(self, cursor: str | None, deadline: Deadline) -> Page[Message]:
        """Not in Vendure."""
        raise _absent("messages")

    async def reply(self, request: Reply, deadline: Deadline) -> Outcome[None]:
        """Not in Vendure."""
        raise _absent("messages")

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.close()


def _absent(what: str) -> Refused:
    return Refused(f"Vendure has no {what}", code="UNSUPPORTED", mendable=False)
