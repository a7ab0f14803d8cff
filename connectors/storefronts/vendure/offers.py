"""Quantities, prices and the switch: absolute writes, many items at a time."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from connectors.contract import (
    Deadline,
    Done,
    Outcome,
    Rejected,
    Retry,
    SetPrice,
    SetPublished,
    SetQuantity,
)
from connectors.storefronts.vendure import documents, payloads, translate
from connectors.storefronts.vendure.batches import Input, write_all
from connectors.storefronts.vendure.shop import Shop
from connectors.storefronts.vendure.stocktaking import (
    HIGHEST,
    NOT_TRACKED,
    Stock,
    no_variant,
    on_hand_to_write,
    stock_of,
)
from connectors.transport import decode
from sync.domain.listing import StockSeen

PRODUCT = "product:"
"""What an external id begins with that names a product rather than a variant."""


class Offers:
    """Writes what one shop's variants offer."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def quantities(
        self, variants: Sequence[str], deadline: Deadline
    ) -> Mapping[str, Outcome[StockSeen]]:
        """What the shop would sell of each variant now, in the location that is written."""
        location = await self._shop.location(deadline)
        async with self._shop.stock_moves:
            stocks, _ = await self._stocks(variants, {}, location, deadline)
            return {variant: self._seen(variant, stocks) for variant in variants}

    async def set_quantities(
        self, batch: Sequence[SetQuantity], deadline: Deadline
    ) -> Mapping[str, Outcome[int]]:
        """Read, plan and write within the lock; the last of several requests for one variant counts."""
        requests = {request.variant: request for request in batch}
        if not requests:
            return {}
        places = {r.location: await self._shop.location(deadline, r.location) for r in requests.values()}
        where = {variant: places[request.location] for variant, request in requests.items()}
        async with self._shop.stock_moves:
            stocks, settings = await self._stocks(list(requests), where, "", deadline)
            outcomes: dict[str, Outcome[int]] = {}
            inputs: list[Input] = []
            for variant, request in requests.items():
                stock = stocks.get(variant, no_variant(variant))
                moves = self._shop.moves(variant)
                planned = on_hand_to_write(request, stock, moves) if isinstance(stock, Stock) else stock
                if isinstance(planned, int):
                    inputs.append(_level(variant, where[variant], planned))
                else:
                    outcomes[variant] = planned
            return outcomes | await self._write_stock(inputs, where, settings, deadline)

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """Prices as the channel enters them, with or without tax (`price_includes_tax` of the feed)."""
        requests = {request.variant: request for request in batch}
        if not requests:
            return {}
        precision = (await self._shop.settings(deadline)).precision
        outcomes: dict[str, Outcome[Decimal]] = {}
        inputs: list[Input] = []
        for variant, request in requests.items():
            planned = price_to_write(request, precision)
            if isinstance(planned, int):
                price = {"currencyCode": request.currency, "price": planned}
                inputs.append({"id": variant, "prices": [price]})
            else:
                outcomes[variant] = planned

        async def send(portion: Sequence[Input]) -> dict[str, Decimal]:
            reply = await self._shop.client.send(documents.SET_PRICES, {"input": portion}, deadline)
            written = reply.read(payloads.PricesWritten).update_product_variants
            return {
                item.id: translate.major(price.price, precision)
                for item in written
                if item is not None and item.id in requests
                for price in item.prices
                if price.currency_code == requests[item.id].currency
            }

        size, items = self._shop.body_bytes, self._shop.batch_items
        return outcomes | await write_all(inputs, send, items=items, size=size, what="setting the price")

    async def set_published(
        self, batch: Sequence[SetPublished], deadline: Deadline
    ) -> Mapping[str, Outcome[bool]]:
        """`product:ID` switches a product, another id a variant; a variant is on only where both are."""
        wanted = {request.external_id: request.published for request in batch}
        products = [_switch(key, on) for key, on in wanted.items() if key.startswith(PRODUCT)]
        variants = [_switch(key, on) for key, on in wanted.items() if not key.startswith(PRODUCT)]

        async def send_products(portion: Sequence[Input]) -> dict[str, bool]:
            reply = await self._shop.client.send(documents.SET_PRODUCTS, {"input": portion}, deadline)
            return {item.id: item.enabled for item in reply.read(payloads.ProductsWritten).update_products}

        async def send_variants(portion: Sequence[Input]) -> dict[str, bool]:
            reply = await self._shop.client.send(documents.SET_VARIANTS, {"input": portion}, deadline)
            written = reply.read(payloads.VariantsWritten).update_product_variants
            return {item.id: item.enabled and item.product.enabled for item in written if item}

        size, items = self._shop.body_bytes, self._shop.batch_items
        what = "switching the listing"
        of_products = await write_all(products, send_products, items=items, size=size, what=what)
        of_variants = await write_all(
            variants, send_variants, items=items, size=size, what=what, begun=bool(of_products)
        )
        return {PRODUCT + key: _named(outcome) for key, outcome in of_products.items()} | of_variants

    def _seen(self, variant: str, stocks: Mapping[str, Stock | Retry]) -> Outcome[StockSeen]:
        stock = stocks.get(variant, no_variant(variant))
        if not isinstance(stock, Stock):
            return stock
        moves = self._shop.moves(variant)
        return Done(external_id=variant, echo=stock.seen(moves)) if stock.tracked else NOT_TRACKED

    async def _stocks(
        self, variants: Sequence[str], where: Mapping[str, str], location: str, deadline: Deadline
    ) -> tuple[dict[str, Stock | Retry], payloads.Settings]:
        """The stock of each variant that exists, in its location of `where`, else in `location`."""
        stocks: dict[str, Stock | Retry] = {}
        size = self._shop.batch_items
        settings = None
        for begin in range(0, len(variants), size) or [0]:
            some = list(variants[begin : begin + size])
            options: dict[str, object] = {"filter": {"id": {"in": some}}, "take": size}
            data, _ = await self._shop.page(documents.STOCK, options, deadline)
            settings = data.global_settings
            for row in data.product_variants.items:
                variant = decode(row, type=payloads.VariantHead).id
                stocks[variant] = _stock(row, settings, where.get(variant, location))
        assert settings is not None  # noqa: S101 - the loop runs at least once
        return stocks, settings

    async def _write_stock(
        self,
        inputs: Sequence[Input],
        where: Mapping[str, str],
        settings: payloads.Settings,
        deadline: Deadline,
    ) -> dict[str, Outcome[int]]:
        async def send(portion: Sequence[Input]) -> dict[str, int]:
            reply = await self._shop.client.send(documents.SET_STOCK, {"input": portion}, deadline)
            written = reply.read(payloads.StockWritten).update_product_variants
            return {
                item.id: stock_of(item, settings, where[item.id]).available
                for item in written
                if item is not None and item.id in where
            }

        size, items = self._shop.body_bytes, self._shop.batch_items
        return await write_all(inputs, send, items=items, size=size, what="setting the quantity")


def price_to_write(request: SetPrice, precision: int) -> int | Rejected:
    """The shop's integer, or why it cannot be set."""
    if request.compare_at is not None or request.sale_from is not None or request.sale_until is not None:
        return Rejected("Vendure has neither struck-out prices nor prices with a period", code="UNSUPPORTED")
    if request.price < 0:
        return Rejected(f"a price of {request.price} is below 0", code="NEGATIVE")
    try:
        price = translate.units(request.price, precision)
    except ValueError as error:
        return Rejected(str(error), code="PRECISION")
    if price > HIGHEST:
        return Rejected(f"a price of {request.price} is more than the shop can hold", code="TOO_GREAT")
    return price


def _stock(row: msgspec.Raw, settings: payloads.Settings, location: str) -> Stock | Retry:
    try:
        return stock_of(decode(row, type=payloads.StockVariant), settings, location)
    except msgspec.ValidationError as error:
        return Retry(f"the shop's answer about its stock is not as described: {error}")


def _level(variant: str, location: str, on_hand: int) -> Input:
    return {"id": variant, "stockLevels": [{"stockLocationId": location, "stockOnHand": on_hand}]}


def _switch(key: str, on: bool) -> Input:
    return {"id": key.removeprefix(PRODUCT), "enabled": on}


def _named(outcome: Outcome[bool]) -> Outcome[bool]:
    if isinstance(outcome, Done):
        return Done(external_id=PRODUCT + str(outcome.external_id), echo=outcome.echo)
    return outcome
