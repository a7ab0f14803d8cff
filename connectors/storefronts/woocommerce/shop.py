"""What all parts of the connector share: the way to the shop, its few facts, and the bounds of its batches."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from weakref import WeakValueDictionary

import msgspec

from connectors.contract import Deadline, Refused
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.batches import Bounds, Item
from connectors.storefronts.woocommerce.client import INDEX, Client, NotAllowed, Request, batch, get
from connectors.storefronts.woocommerce.options import Options
from connectors.transport import Answer

TRACKING = "wc-shipment-tracking/v3"
"""The namespace under which the Shipment Tracking extension, and those like it, answer."""
PROBE = [("per_page", "1"), ("_fields", "id")]


@dataclass(frozen=True, slots=True)
class Facts:
    """What changes with the shop's set-up only; None where the shop does not tell."""

    currency: str | None
    includes_tax: bool | None


class Shop:
    """One account's shop."""

    def __init__(self, client: Client, options: Options, bounds: Bounds) -> None:
        self.client = client
        self.options = options
        self.bounds = bounds
        self._tellings: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._facts: Facts | None = None
        self._tracks: bool | None = None

    def telling(self, order: str) -> asyncio.Lock:
        """Held while an order's metadata is read, changed and written back whole."""
        lock = self._tellings.get(order)
        if lock is None:
            lock = self._tellings[order] = asyncio.Lock()
        return lock

    async def facts(self, deadline: Deadline, *, fresh: bool = False) -> Facts:
        """Currency and tax; read once, and again where they must be `fresh`."""
        if self._facts is None or fresh:
            currency = self.options.currency
            told = await self._setting("general", "woocommerce_currency", deadline)
            taxed = await self._setting("tax", "woocommerce_prices_include_tax", deadline)
            self._facts = Facts(told or currency, None if taxed is None else taxed == "yes")
        return self._facts

    async def tracks(self, deadline: Deadline) -> bool:
        """Whether the Shipment Tracking extension is installed; looked up once, in the index of routes."""
        if self._tracks is None:
            self._tracks = TRACKING in (await self._index(deadline)).namespaces
        return self._tracks

    def forget_tracking(self) -> None:
        """Look it up again: the extension was switched off."""
        self._tracks = None

    async def fingerprint(self, deadline: Deadline) -> str:
        """A hash of the store's own id; of its home address where it has none, or does not tell."""
        fields = [("_fields", "environment.home_url,environment.store_id")]
        try:
            reply = await self.client.send(get("system_status", "system_status", params=fields), deadline)
        except (Refused, NotAllowed):
            await self.client.send(get("identity", "orders", params=PROBE), deadline)
            index = await self._index(deadline)
            told = index.home or index.url
        else:
            environment = reply.read(payloads.SystemStatus).environment
            told = environment.store_id or environment.home_url
        told = told.removeprefix("https://").removeprefix("http://").rstrip("/")
        return sha256(f"woocommerce {told}".encode()).hexdigest()[:32]

    def horizon(self, answer: Answer) -> datetime:
        """What had happened by then can be seen by now: the shop's clock less the overlap."""
        return shop_time(answer) - self.options.overlap

    async def update(
        self, operation: str, group: tuple[str, ...], items: Sequence[Item], deadline: Deadline
    ) -> Sequence[msgspec.Raw]:
        """Send items of one group as updates; the answers come in their order, and each has its id."""
        asked = batch(operation, *group, body={"update": [item.body for item in items]})
        written = (await self.client.send(asked, deadline)).read(payloads.Batch)
        return written.update or ()

    async def _setting(self, group: str, name: str, deadline: Deadline) -> str | None:
        asked = get("settings", "settings", group, name)
        try:
            value = (await self.client.send(asked, deadline)).read(payloads.Setting).value
        except (Refused, NotAllowed):
            return None
        return value if isinstance(value, str) and value else None

    async def _index(self, deadline: Deadline) -> payloads.Index:
        asked = Request("index", "GET", INDEX, params=[("_fields", "namespaces,home,url")])
        return (await self.client.send(asked, deadline)).read(payloads.Index)


def shop_time(answer: Answer) -> datetime:
    """The shop's clock when it answered, or ours from just before where it sends none.

    The Date header is cut to the second; that errs to the safe side.
    """
    return answer.vendor_date or answer.begun_at - timedelta(seconds=1)
