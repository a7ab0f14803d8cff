"""What all parts of the connector share: the way to the shop, its few facts, and the lock on its stock.

The lock is held while stock is read or written, and while fulfilments are made and orders cancelled, since
these move it too: an own fulfilment halfway through a write would have its units sold twice.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.contract import BadAnswer, Deadline, Refused
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.client import Client, get
from connectors.storefronts.medusa.options import Options
from connectors.storefronts.medusa.stocktaking import Moves
from connectors.transport import Answer

_ALL = ("limit", "1000")


@dataclass(frozen=True, slots=True)
class Facts:
    """What changes with the shop's set-up only."""

    store: str
    currency: str
    """The default one, as the shop writes it: lower case."""
    currencies: frozenset[str]
    includes_tax: bool
    locations: Sequence[payloads.Named]
    channel: str | None
    """The id of the sales channel that the options name."""


class Shop:
    """One account's shop."""

    def __init__(self, client: Client, options: Options, batch_items: int, body_bytes: int) -> None:
        self.client = client
        self.options = options
        self.batch_items = batch_items
        self.body_bytes = body_bytes
        self.stock_moves = asyncio.Lock()
        self._facts: Facts | None = None
        self._opening = secrets.token_hex(4)
        self._moves: dict[str, Moves] = {}

    def moves(self, variant: str) -> Moves:
        """What was done to a variant so far; to be read within the lock."""
        return self._moves.get(variant, Moves(self._opening))

    def moved(self, variant: str, *, fulfilled: int = 0, released: int = 0) -> None:
        """Count units that a fulfilment or cancellation of ours took off; within the lock."""
        was = self.moves(variant)
        self._moves[variant] = replace(
            was, fulfilled=was.fulfilled + fulfilled, released=was.released + released
        )

    async def facts(self, deadline: Deadline, *, fresh: bool = False) -> Facts:
        """Store, currencies, locations and sales channel; read once."""
        if self._facts is None or fresh:
            self._facts = await self._read_facts(deadline)
        return self._facts

    async def location(self, deadline: Deadline, wanted: str = "") -> str:
        """The id of the stock location to write: `wanted`, the option's, or the oldest. Raises Refused."""
        places = (await self.facts(deadline)).locations
        name = wanted or self.options.location
        if name is None:
            if not places:
                raise Refused("the shop has no stock location: make one")
            return min(places, key=lambda place: (place.created_at, place.id)).id
        return _named(places, name, "stock location", "location")

    async def channel(self, deadline: Deadline) -> str | None:
        """The id of the sales channel that counts; None where all do."""
        return (await self.facts(deadline)).channel if self.options.sales_channel else None

    def horizon(self, answer: Answer) -> datetime:
        """What had happened by then can be seen by now: the shop's clock less the overlap."""
        return shop_time(answer) - self.options.overlap

    async def _read_facts(self, deadline: Deadline) -> Facts:
        store = await self._store(deadline)
        currency = next((c.currency_code for c in store.supported_currencies if c.is_default), "")
        asked = get("price_preferences", "price-preferences", params=[_ALL])
        preferences = (await self.client.send(asked, deadline)).read(payloads.Preferences)
        asked = get("stock_locations", "stock-locations", params=[_ALL, ("fields", "id,name,created_at")])
        locations = (await self.client.send(asked, deadline)).read(payloads.Locations)
        return Facts(
            store=store.id,
            currency=currency,
            currencies=frozenset(c.currency_code for c in store.supported_currencies),
            includes_tax=any(
                p.is_tax_inclusive
                for p in preferences.price_preferences
                if (p.attribute, p.value) == ("currency_code", currency)
            ),
            locations=locations.stock_locations,
            channel=await self._channel(deadline),
        )

    async def _store(self, deadline: Deadline) -> payloads.Store:
        asked = get("stores", "stores", params=[("fields", "id,*supported_currencies")])
        stores = (await self.client.send(asked, deadline)).read(payloads.Stores).stores
        if not stores:
            raise BadAnswer("stores: the shop names no store")
        return stores[0]

    async def _channel(self, deadline: Deadline) -> str | None:
        name = self.options.sales_channel
        if name is None:
            return None
        asked = get("sales_channels", "sales-channels", params=[_ALL, ("fields", "id,name,created_at")])
        channels = (await self.client.send(asked, deadline)).read(payloads.Channels).sales_channels
        return _named(channels, name, "sales channel", "sales_channel")


def _named(things: Sequence[payloads.Named], name: str, what: str, option: str) -> str:
    for thing in things:
        if name == thing.id:
            return thing.id
    found = [thing.id for thing in things if thing.name == name]
    if len(found) > 1:
        raise Refused(f"the shop has {len(found)} of the name {name!r}: say the id in the {option} option")
    if not found:
        raise Refused(f"the shop has no {what} {name!r}: correct the {option} option")
    return found[0]


def shop_time(answer: Answer) -> datetime:
    """The shop's clock when it answered, or ours from just before where it sends none.

    The Date header is cut to the second; that errs to the safe side.
    """
    return answer.vendor_date or answer.begun_at - timedelta(seconds=1)
