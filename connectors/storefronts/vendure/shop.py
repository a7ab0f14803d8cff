"""What all parts of the connector share: the way to the shop, its few facts, and the lock on its stock.

The lock is held while stock is read or written, and while fulfilments are made and lines cancelled, since
these move it too: an own fulfilment halfway through a write would have its units sold twice.
"""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.contract import Deadline, Refused
from connectors.storefronts.vendure import documents, payloads
from connectors.storefronts.vendure.client import Client
from connectors.storefronts.vendure.documents import Document
from connectors.storefronts.vendure.options import Options
from connectors.storefronts.vendure.stocktaking import Moves
from connectors.transport import Answer


class Shop:
    """One account's shop."""

    def __init__(self, client: Client, options: Options, batch_items: int, body_bytes: int) -> None:
        self.client = client
        self.options = options
        self.batch_items = min(batch_items, options.page_items)
        self.body_bytes = body_bytes
        self.stock_moves = asyncio.Lock()
        self._facts: payloads.ShopData | None = None
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

    async def facts(self, deadline: Deadline, *, fresh: bool = False) -> payloads.ShopData:
        """Channel and stock locations; read once, for they change with the shop's set-up only."""
        if self._facts is None or fresh:
            reply = await self.client.send(documents.SHOP, {}, deadline)
            self._facts = reply.read(payloads.ShopData)
        return self._facts

    async def location(self, deadline: Deadline, wanted: str = "") -> str:
        """The id of the stock location to write: `wanted`, the option's, or the oldest. Raises Refused."""
        places = (await self.facts(deadline)).stock_locations.items
        name = wanted or self.options.stock_location
        if name is None:
            if not places:
                raise Refused("the shop shows no stock location: its role lacks ReadStockLocation")
            return min(places, key=lambda place: (place.created_at, len(place.id), place.id)).id
        for place in places:
            if name in (place.id, place.name):
                return place.id
        raise Refused(f"the shop has no stock location {name!r}: correct the stock_location option")

    async def settings(self, deadline: Deadline) -> payloads.Settings:
        """Read each time: an administrator may change them at any moment."""
        reply = await self.client.send(documents.SETTINGS, {}, deadline)
        return reply.read(payloads.SettingsData).global_settings

    async def page(
        self, document: Document, options: dict[str, object], deadline: Deadline
    ) -> tuple[payloads.VariantsData, Answer]:
        """A page of variants, still raw, with the settings that their figures need."""
        reply = await self.client.send(document, {"options": options}, deadline)
        return reply.read(payloads.VariantsData), reply.answer

    def horizon(self, answer: Answer) -> datetime:
        """What had happened by then can be seen by now: the shop's clock less the overlap."""
        return shop_time(answer) - self.options.overlap


def shop_time(answer: Answer) -> datetime:
    """The shop's clock when it answered, or ours from just before where it sends none.

    The Date header is cut to the second; that errs to the safe side.
    """
    return answer.vendor_date or answer.begun_at - timedelta(seconds=1)
