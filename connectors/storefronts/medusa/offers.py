"""Quantities: read and written many at a time, per stock location."""

from collections.abc import Mapping, Sequence

import msgspec

from connectors.contract import Deadline, Done, Outcome, Rejected, Retry, SetQuantity
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.batches import Item, write_all
from connectors.storefronts.medusa.client import get, put
from connectors.storefronts.medusa.shop import Shop
from connectors.storefronts.medusa.stocktaking import Stock, no_variant, stock_of, stock_to_write
from connectors.transport import decode
from sync.domain.listing import StockSeen

FIELDS = (
    "id,manage_inventory,inventory_items.inventory_item_id,inventory_items.required_quantity,"
    "inventory_items.inventory.location_levels.location_id,"
    "inventory_items.inventory.location_levels.stocked_quantity,"
    "inventory_items.inventory.location_levels.reserved_quantity"
)
Known = Stock | Rejected | Retry
NAMED = 50
"""Variants that one request names: their ids stand in its address."""


class Offers:
    """Reads and writes what one shop's variants have to sell."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What the shop would sell of each variant now, in the location that is written."""
        location = await self._shop.location(deadline)
        async with self._shop.stock_moves:
            stocks = await self._stocks(dict.fromkeys(variants, location), deadline)
            return {variant: self._seen(variant, stocks[variant]) for variant in variants}

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Read, plan and write within the lock; the last of several requests for one variant counts."""
        requests = {request.variant: request for request in batch}
        places = {r.location: await self._shop.location(deadline, r.location) for r in requests.values()}
        async with self._shop.stock_moves:
            stocks = await self._stocks({v: places[r.location] for v, r in requests.items()}, deadline)
            outcomes: dict[str, Outcome[int]] = {}
            wanted: dict[str, int] = {}
            for variant, request in requests.items():
                stock = stocks[variant]
                moves = self._shop.moves(variant)
                planned = stock_to_write(request, stock, moves) if isinstance(stock, Stock) else stock
                if isinstance(planned, int):
                    wanted[variant] = planned
                else:
                    outcomes[variant] = planned
            return outcomes | await self._write(wanted, stocks, deadline)

    def _seen(self, variant: str, stock: Known) -> Outcome[StockSeen]:
        if not isinstance(stock, Stock):
            return stock
        return Done(external_id=variant, echo=stock.seen(self._shop.moves(variant)))

    async def _stocks(self, where: Mapping[str, str], deadline: Deadline) -> dict[str, Known]:
        """The stock of each variant in its location of `where`."""
        stocks: dict[str, Known] = {}
        for row in await read_variants(self._shop, list(where), FIELDS, "stock", deadline):
            head = decode(row, type=payloads.Id).id
            try:
                record = decode(row, type=payloads.StockVariant)
                stocks[head] = stock_of(record, where[head])
            except msgspec.ValidationError as error:
                stocks[head] = Retry(f"the shop's answer about its stock is not as described: {error}")
        return {variant: stocks.get(variant, no_variant(variant)) for variant in where}

    async def _write(
        self, wanted: Mapping[str, int], stocks: Mapping[str, Known], deadline: Deadline
    ) -> dict[str, Outcome[int]]:
        """One write for each stock item and location; variants that share one get the lowest figure."""
        sharing: dict[str, list[str]] = {}
        lowest: dict[str, int] = {}
        levels: dict[str, Stock] = {}
        for variant, stocked in wanted.items():
            stock = stocks[variant]
            if isinstance(stock, Stock):
                key = f"{stock.item} {stock.location}"
                sharing.setdefault(key, []).append(variant)
                levels[key] = stock
                lowest[key] = min(stocked, lowest.get(key, stocked))

        async def send(portion: Sequence[Item]) -> dict[str, int]:
            body = {
                "create": [item.body for item in portion if not levels[item.key].exists],
                "update": [item.body for item in portion if levels[item.key].exists],
            }
            asked = put("set_stock", "inventory-items", "location-levels", "batch", body=body)
            written = (await self._shop.client.send(asked, deadline)).read(payloads.LevelsWritten)
            return {
                f"{level.inventory_item_id} {level.location_id}": level.stocked_quantity
                - level.reserved_quantity
                for level in [*(written.created or ()), *(written.updated or ())]
            }

        inputs = [Item(key, _level(levels[key], stocked)) for key, stocked in lowest.items()]
        size, items = self._shop.body_bytes, self._shop.batch_items
        done = await write_all(inputs, send, items=items, size=size, what="setting the quantity")
        return {
            variant: Done(external_id=variant, echo=outcome.echo) if isinstance(outcome, Done) else outcome
            for key, outcome in done.items()
            for variant in sharing[key]
        }


async def read_variants(
    shop: Shop, variants: Sequence[str], fields: str, what: str, deadline: Deadline
) -> list[msgspec.Raw]:
    """The variants of these ids that exist, still raw, in the shop's order."""
    rows: list[msgspec.Raw] = []
    for begin in range(0, len(variants), NAMED):
        some = variants[begin : begin + NAMED]
        params = [("fields", fields), ("limit", str(NAMED)), *(("id[]", variant) for variant in some)]
        reply = await shop.client.send(get(what, "product-variants", params=params), deadline)
        rows += reply.read(payloads.Variants).variants
    return rows


def _level(stock: Stock, stocked: int) -> dict[str, object]:
    return {
        "inventory_item_id": stock.item,
        "location_id": stock.location,
        "stocked_quantity": stocked,
    }
