"""Prices: absolute writes, many variants at a time.

Writing a variant's `prices` replaces all of them: a currency, region or quantity that is left out loses its
price. So they are read first and written back whole, each by its id with its rules, and only the plain
price of the wanted currency is changed. The shop takes any three letters for a currency; what the store
does not sell in is refused here.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from connectors.contract import Deadline, Outcome, Rejected, Retry, SetPrice
from connectors.storefronts.medusa import payloads
from connectors.storefronts.medusa.batches import Item, write_all
from connectors.storefronts.medusa.client import put
from connectors.storefronts.medusa.offers import read_variants
from connectors.storefronts.medusa.shop import Shop
from connectors.storefronts.medusa.stocktaking import no_variant
from connectors.transport import decode

PRICES = "prices.id,prices.amount,prices.currency_code,prices.min_quantity,prices.max_quantity,"
FIELDS = f"id,product_id,{PRICES}prices.price_rules.attribute,prices.price_rules.value"
"""Without `price_rules` the shop answers `rules` as empty, and the prices of regions would be lost."""


class Prices:
    """Writes the prices of one shop's variants."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def set_prices(
        self, batch: Sequence[SetPrice], deadline: Deadline
    ) -> Mapping[str, Outcome[Decimal]]:
        """Prices as the shop enters them, with or without tax (`price_includes_tax` of the feed)."""
        requests = {request.variant: request for request in batch}
        currencies = (await self._shop.facts(deadline)).currencies
        outcomes: dict[str, Outcome[Decimal]] = {}
        fit: list[str] = []
        for variant, request in requests.items():
            refused = objection(request, currencies)
            if refused is None:
                fit.append(variant)
            else:
                outcomes[variant] = refused
        inputs: list[Item] = []
        known = await self._known(fit, deadline)
        for variant in fit:
            record = known.get(variant, no_variant(variant))
            if isinstance(record, payloads.PricedVariant):
                inputs.append(_item(record, requests[variant]))
            else:
                outcomes[variant] = record
        return outcomes | await self._write(inputs, requests, deadline)

    async def _known(
        self, variants: Sequence[str], deadline: Deadline
    ) -> dict[str, payloads.PricedVariant | Retry]:
        known: dict[str, payloads.PricedVariant | Retry] = {}
        for row in await read_variants(self._shop, variants, FIELDS, "prices", deadline):
            head = decode(row, type=payloads.Id).id
            try:
                known[head] = decode(row, type=payloads.PricedVariant)
            except msgspec.ValidationError as error:
                known[head] = Retry(f"the shop's answer about its prices is not as described: {error}")
        return known

    async def _write(
        self, inputs: Sequence[Item], requests: Mapping[str, SetPrice], deadline: Deadline
    ) -> dict[str, Outcome[Decimal]]:
        async def send(portion: Sequence[Item]) -> dict[str, Decimal]:
            body = {"update": [item.body for item in portion]}
            way = ("products", portion[0].group, "variants", "batch")
            asked = put("set_prices", *way, body=body, params=[("fields", FIELDS)])
            written = (await self._shop.client.send(asked, deadline)).read(payloads.PricesWritten)
            return {
                item.id: price.amount
                for item in written.updated or ()
                if item.id in requests
                for price in item.prices or ()
                if price.plain and price.currency_code == requests[item.id].currency.lower()
            }

        ordered = sorted(inputs, key=lambda item: item.group)
        size, items = self._shop.body_bytes, self._shop.batch_items
        return await write_all(ordered, send, items=items, size=size, what="setting the price")


def objection(request: SetPrice, currencies: frozenset[str]) -> Rejected | None:
    """Why the price cannot be set, where it cannot."""
    if request.compare_at is not None or request.sale_from is not None or request.sale_until is not None:
        return Rejected(
            "struck-out prices and prices with a period are price lists in Medusa, which we do not write",
            code="UNSUPPORTED",
        )
    if request.price < 0:
        return Rejected(f"a price of {request.price} is below 0", code="NEGATIVE")
    if request.currency.lower() not in currencies:
        return Rejected(f"the store does not sell in {request.currency}", code="CURRENCY")
    return None


def _item(variant: payloads.PricedVariant, request: SetPrice) -> Item:
    currency = request.currency.lower()
    plain = None
    others: list[dict[str, object]] = []
    for price in variant.prices or ():
        if plain is None and price.plain and price.currency_code == currency:
            plain = price
        else:
            others.append(_kept(price))
    changed: dict[str, object] = {"currency_code": currency, "amount": request.price}
    if plain is not None:
        changed["id"] = plain.id
    return Item(variant.id, {"id": variant.id, "prices": [changed, *others]}, variant.product_id)


def _kept(price: payloads.Price) -> dict[str, object]:
    return {
        "id": price.id,
        "currency_code": price.currency_code,
        "amount": price.amount,
        "min_quantity": price.min_quantity,
        "max_quantity": price.max_quantity,
        "rules": price.rules or {},
    }
