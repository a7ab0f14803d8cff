"""The stock feed: a full snapshot by product, then the products that any stock move has touched since.

The figure is what the storage location holds less what is assigned from it (context `stock_assign`). With
the warehouse as the location it would jump back between picking and packing. Stock moves do not touch the
product, so changes are read from the moves. Products without a code, services and consumables are not
stock of ours and are left out. Units on the shelves for returned goods are taken off where the storage
location includes them.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import msgspec

from connectors.contract import BadAnswer, Broken, Deadline, Page
from connectors.transport import Answer
from connectors.warehouse.tryton.client import Client
from connectors.warehouse.tryton.cursors import Changes, Snapshot, read, written
from connectors.warehouse.tryton.feed import ChangeFeed, Slice, kept, translated
from connectors.warehouse.tryton.payloads import ChangedMove, Json, Product, decoded, last_id, raw_rows
from connectors.warehouse.tryton.places import Places, Site
from connectors.warehouse.tryton.shelves import Shelvings
from connectors.warehouse.tryton.translate import figure
from sync.domain.clock import from_micros, to_micros
from sync.domain.shipments import StockFigure

MODEL = "product.product"
FIELDS = ("code", "quantity")
OURS: tuple[Json, ...] = (["code", "!=", None], ["type", "=", "goods"], ["consumable", "=", False])


class Stock:
    """The figures of one warehouse: `size` products a page, `batch` moves, whose products go into one URL."""

    def __init__(
        self,
        client: Client,
        places: Places,
        shelvings: Shelvings,
        code: str,
        *,
        size: int,
        batch: int,
        overlap: timedelta,
    ) -> None:
        self._client = client
        self._places = places
        self._shelvings = shelvings
        self._code = code
        self._size = size
        self._batch = batch
        self._overlap = overlap

    async def read(self, cursor: str | None, deadline: Deadline) -> Page[StockFigure]:
        """The next page of the snapshot or of the changes; without a cursor a snapshot begins."""
        site = await self._places.site(deadline)
        place = read(cursor)
        if isinstance(place, Changes):
            return await self._changes(site, place, deadline)
        return await self._snapshot(site, place, deadline)

    async def _snapshot(self, site: Site, place: Snapshot | None, deadline: Deadline) -> Page[StockFigure]:
        after = place.after if place else 0
        answer = await self._figures([site.storage], [["id", ">", after]], self._size, deadline)
        found = tuple(raw_rows(answer.body))
        less = None
        if found:
            less = await self._shelved(lambda: [["id", ">", after], ["id", "<=", last_id(found)]], deadline)
        if place is None:
            since = (answer.vendor_date or answer.begun_at) - self._overlap
            place = Snapshot(after=0, begun=to_micros(answer.begun_at), since=to_micros(since))
        complete = len(found) < self._size
        onward: Snapshot | Changes = Changes(since=place.since)
        if not complete:
            onward = Snapshot(after=last_id(found), begun=place.begun, since=place.since)
        part = Slice(found, Changes(since=place.since), complete, from_micros(place.begun))
        return replace(self._page(part, less), cursor=written(onward))

    async def _changes(self, site: Site, place: Changes, deadline: Deadline) -> Page[StockFigure]:
        feed = ChangeFeed(
            model="stock.move",
            domain=[["company", "=", site.company]],
            fields=("product",),
            size=self._batch,
            overlap=self._overlap,
        )
        part = await feed.read(self._client, place, deadline)
        touched, broken = _moved(part.rows)
        if not touched:
            return replace(self._page(replace(part, rows=()), None), broken=broken)
        condition: list[Json] = [["id", "in", touched]]
        answer = await self._figures([site.storage], condition, None, deadline)
        less = await self._shelved(lambda: condition, deadline)
        page = self._page(replace(part, rows=tuple(raw_rows(answer.body))), less)
        return replace(page, broken=(*broken, *page.broken))

    def _page(self, part: Slice, less: Mapping[int, Decimal] | None) -> Page[StockFigure]:
        return translated(part, Product, lambda product, _raw: (figure(product, self._code, less),))

    async def _shelved(
        self, condition: Callable[[], list[Json]], deadline: Deadline
    ) -> Mapping[int, Decimal] | None:
        """Units by product on the shelves inside the storage location; None where there are no such shelves.

        Read after the figure: a unit that comes to a shelf in between is taken off too much, never too little.
        """
        shelves = (await self._shelvings.read(deadline)).counted
        if not shelves:
            return None
        answer = await self._figures(list(shelves), condition(), None, deadline)
        held: dict[int, Decimal] = {}
        for row in raw_rows(answer.body):
            with suppress(BadAnswer):
                product = decoded(row, Product)
                held[product.id] = product.quantity or Decimal(0)
        return held

    async def _figures(
        self, locations: list[int], condition: list[Json], size: int | None, deadline: Deadline
    ) -> Answer:
        context: dict[str, Json] = {"locations": locations, "stock_assign": True}
        if len(locations) > 1:
            context["with_childs"] = True
        domain = [*condition, *OURS]
        return await self._client.search(MODEL, domain, FIELDS, deadline, size=size, context=context)


def _moved(moves: Sequence[msgspec.Raw]) -> tuple[list[int], tuple[Broken, ...]]:
    """The products that moved, and the moves that cannot be read."""
    products: set[int] = set()
    broken: list[Broken] = []
    for row in moves:
        try:
            products.add(decoded(row, ChangedMove).product)
        except BadAnswer as error:
            broken.append(kept(row, error))
    return sorted(products), tuple(broken)
