"""Quantities: read and written many at a time, variations by way of their product.

WooCommerce takes units off when an order is placed, has no figure for what is committed, and no compare-and-set.
So each quantity is read again just before it is written, and one that is no longer what the decision rests on is
not written. What the shop answers to the write is what counts: it takes a quantity that it then drops where the
stock is not managed, or is the product's.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from connectors.contract import Deadline, Done, Outcome, Refused, Rejected, Retry, SetQuantity
from connectors.storefronts.woocommerce import payloads
from connectors.storefronts.woocommerce.batches import Item, done, write_all
from connectors.storefronts.woocommerce.client import get
from connectors.storefronts.woocommerce.naming import Name, parse
from connectors.storefronts.woocommerce.reading import decode
from connectors.storefronts.woocommerce.refusals import MISSING, NOT_MANAGED, OF_PARENT, no_variant
from connectors.storefronts.woocommerce.shop import Shop
from connectors.storefronts.woocommerce.walking import id_of, side_by_side
from sync.domain.listing import StockSeen

FIELDS = "id,manage_stock,stock_quantity"
NAMED = 100
"""Records that one request names: a page holds no more."""
HIGHEST = 2**31 - 1
"""What every PHP keeps as a whole number."""


class Offers:
    """Reads and writes what one shop's products and variations have to sell."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What the shop would sell of each now; below 0 where it has oversold."""
        stocks = await self._stocks(variants, deadline)
        return {
            variant: Done(variant, StockSeen(available=stock)) if isinstance(stock, int) else stock
            for variant, stock in stocks.items()
        }

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Read again, compare with what was seen, write; the last of several requests for one counts."""
        requests = {request.variant: request for request in batch}
        stocks = await self._stocks(list(requests), deadline)
        outcomes: dict[str, Outcome[int]] = {}
        items: list[Item] = []
        for variant, request in requests.items():
            stock = stocks[variant]
            refused = objection(request, stock) if isinstance(stock, int) else stock
            name = parse(variant)
            if refused is None and name is not None:
                body = {"id": name.id, "stock_quantity": request.quantity}
                items.append(Item(variant, name.id, body, name.group))
            else:
                outcomes[variant] = refused or no_variant(variant)

        async def send(group: tuple[str, ...], some: Sequence[Item]) -> Sequence[msgspec.Raw]:
            return await self._shop.update("set_stock", group, some, deadline)

        what = "setting the quantity"
        return outcomes | await write_all(items, send, _written, bounds=self._shop.bounds, what=what)

    async def _stocks(self, variants: Sequence[str], deadline: Deadline) -> dict[str, int | Rejected | Retry]:
        names = {variant: name for variant in variants if (name := parse(variant)) is not None}
        rows = await read_named(self._shop, names.values(), FIELDS, "stock", deadline)
        return {
            variant: _known(rows[names[variant]]) if names.get(variant) in rows else no_variant(variant)
            for variant in variants
        }


def _known(row: msgspec.Raw) -> int | Rejected | Retry:
    try:
        return stock_of(decode(row, type=payloads.Stock))
    except msgspec.ValidationError as error:
        return Retry(f"the shop's answer about its stock is not as described: {error}")


def stock_of(record: payloads.Stock | payloads.Product | payloads.Variation) -> int | Rejected:
    """The units that the shop would still sell; a part of a unit (a plugin's) cannot be sold."""
    if record.manage_stock == "parent":
        return OF_PARENT
    if record.manage_stock is not True:
        return NOT_MANAGED
    return math.floor(record.stock_quantity or 0)


def objection(request: SetQuantity, stock: int) -> Rejected | Retry | None:
    """Why the quantity is not written, where it is not. The shop itself would take a negative one."""
    if request.quantity < 0:
        return Rejected(f"{request.quantity} cannot be sold: a quantity is 0 or more", code="NEGATIVE")
    if request.quantity > HIGHEST:
        return Rejected(f"{request.quantity} is more than the shop can hold", code="TOO_GREAT")
    if request.seen is not None and request.seen.available != stock:
        return Retry("the shop's stock moved since it was read: read it again")
    return None


async def read_named(
    shop: Shop, names: Iterable[Name], fields: str, what: str, deadline: Deadline
) -> dict[Name, msgspec.Raw]:
    """The records of these names that exist, still raw: products by one list, variations by one of each product."""
    groups: dict[tuple[str, ...], dict[int, Name]] = {}
    for name in names:
        groups.setdefault(name.group, {})[name.id] = name
    parts = [
        (group, list(wanted)[begin : begin + NAMED])
        for group, wanted in groups.items()
        for begin in range(0, len(wanted), NAMED)
    ]
    asked = (_rows(shop, group, ids, fields, what, deadline) for group, ids in parts)
    found: dict[Name, msgspec.Raw] = {}
    for (group, _), rows in zip(parts, await side_by_side(asked), strict=True):
        for row in rows:
            named = groups[group].get(id_of(row) or 0)
            if named is not None:
                found[named] = row
    return found


async def _rows(
    shop: Shop, group: tuple[str, ...], ids: Sequence[int], fields: str, what: str, deadline: Deadline
) -> list[msgspec.Raw]:
    named = ",".join(str(id) for id in ids)
    params = [("include", named), ("per_page", str(len(ids))), ("_fields", fields)]
    try:
        reply = await shop.client.send(get(what, *group, params=params), deadline)
    except Refused as error:
        if error.code in MISSING:
            return []
        raise
    return reply.read(list[msgspec.Raw])


def _written(item: Item, answer: msgspec.Raw) -> Outcome[int]:
    stock = stock_of(decode(answer, type=payloads.Stock))
    return done(item, stock) if isinstance(stock, int) else stock
